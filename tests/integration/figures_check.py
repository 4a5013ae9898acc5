#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Made-up cases with their register, and the figures of a year counted by SQL over the same descriptions.

figures_check.py make FOLDER N                N case folders and register.csv
figures_check.py compare FOLDER ANSWER LEDGER every figure of Statistics' answer against SQLite; LEDGER: `ledger tail`
figures_check.py redraw ANSWER COUNT          the sample that follows from DrawReview's seed and population
"""
import csv
import datetime
import hashlib
import json
import pathlib
import random
import socket
import sqlite3
import sys

HERE = pathlib.Path(__file__).resolve().parent
TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
OFFICERS = ["甲某", "乙样", "丙样", "丁样", "戊某"]
RARE = ["罕见甲", "罕见乙"]
COLUMNS = ("number,title,category,organ,unit,officers,started,decided,execution_ended,closed,outcome,fine,confiscated,"
           "recovered,published_on,reconsideration,litigation,reversed").split(",")


def day(date, plus=0):
    return (date + datetime.timedelta(days=plus)).isoformat()


def moment(date, hour, plus_hours=0):
    start = datetime.datetime(date.year, date.month, date.day, hour)
    return (start + datetime.timedelta(hours=plus_hours)).isoformat() + "+08:00"


def describe(rng, number, decided):
    case = json.loads((HERE / "small-case.json").read_text())
    case["number"] = number
    case["organ"]["unit"] = rng.choice(["基金监管科", "稽查一科"])
    case["category"] = rng.choice(["penalty", "inspection"])
    case["decision"] = {"made_on": day(decided), "signed_at": day(decided)}
    if rng.random() < 0.8:
        case["decision"]["publication"] = {"basis": rng.choice(["7", "20", "exempt"])}
        if rng.random() < 0.7:
            case["decision"]["publication"]["published_on"] = day(decided, rng.randint(1, 40))
    if rng.random() < 0.8:
        case["major"] = {"is": rng.random() < 0.6}
    if rng.random() < 0.2:
        case["hearing"] = {"right": True, "at": moment(decided - datetime.timedelta(days=4), 14)}
    case["officers"] = [{"name": name, "certificate_no": f"样A-{name}"} for name in rng.sample(OFFICERS, 2)]
    if rng.random() < 0.1:
        case["officers"][0]["name"] = rng.choice(RARE)
    if rng.random() < 0.15:
        case["dates"]["started"] = moment(datetime.date(2025, 9, 1), 9)
        case["dates"]["closed"] = "2025-10-12"
    if rng.random() < 0.7:
        case["legal_review"] = [{"round": 1, "decided": day(decided, rng.randint(-5, 3)),
                                 "result": rng.choice(["passed", "passed", "returned"])}]
    medium = case["members"][1]
    taken = decided - datetime.timedelta(days=10)
    medium["recorded_from"] = medium["recorded_to"] = moment(taken, 9)
    del medium["stored_at"]
    if rng.random() < 0.9:
        medium["stored_at"] = moment(taken, 9, rng.choice([1, 24, 25, 60]))
    if rng.random() < 0.3:
        medium["away"] = {"reason": "外地办案", "returned_at": moment(taken, 9, 48)}
    gaps = rng.choice([[], [(0, 60)], [(0, 58)], [(0, 59)], [(20, 60)], [(0, 40), (20, 58)], [(0, 30), (30, 60)], [(10, 59), (1, 20)]])
    case["acts"] = [{"id": "a1", "kind": "onsite_inspection", "from": moment(taken, 9), "to": moment(taken, 10),
                     "recordings": ["media/现场照片.jpg"], "full_basis": ["major_property"] if rng.random() < 0.8 else []}]
    start = datetime.datetime(taken.year, taken.month, taken.day, 9)
    case["acts"][0]["gaps"] = [{"from": (start + datetime.timedelta(minutes=a)).isoformat() + "+08:00",
                                "to": (start + datetime.timedelta(minutes=b)).isoformat() + "+08:00", "reason": "fault"} for a, b in gaps]
    return case


def write_case(here, rng, number, decided):
    for sub in ("documents", "media", "explanations"):
        (here / sub).mkdir(parents=True)
    (here / "documents/001 立案审批表.pdf").write_text(f"%PDF-1.4\n% {number}\n")
    (here / "media/现场照片.jpg").write_bytes(b"\xff\xd8\xff\xe0photo " + number.encode())
    (here / "explanations/现场照片.md").write_text("# 文字说明\n\n虚构样例。\n")
    (here / "case.json").write_text(json.dumps(describe(rng, number, decided), ensure_ascii=False))


def call(path, user, password, method, parameters):
    """One command over the keeper's socket (docs/WIRE.md), under a session."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)

        def ask(name, words):
            sock.sendall(json.dumps({"method": "org.strongroom." + name, "parameters": words}).encode() + b"\0")
            data = b""
            while not data.endswith(b"\0"):
                piece = sock.recv(1 << 20)
                if not piece:
                    sys.exit("the keeper closed the connection")
                data += piece
            answer = json.loads(data[:-1])
            if "error" in answer:
                sys.exit(str(answer))
            return answer["parameters"]

        token = ask("OpenSession", {"user": user, "password": password})["token"]
        print(json.dumps(ask(method, {**json.loads(parameters), "session": token})))


def make(folder, count):
    rng = random.Random(20250302)
    rows = []
    for i in range(count):
        number = f"样医保罚〔2025〕{i + 1}号"
        decided = TODAY - datetime.timedelta(days=rng.randint(15, 90))
        ended = decided + datetime.timedelta(days=rng.randint(1, 14))
        if i % 5:
            write_case(folder / f"{i:04}", rng, number, decided)
        rows.append([number, "样例案", rng.choice(["penalty", "inspection"]), "000000-YB", rng.choice(["基金监管科", "稽查一科"]), "甲某", day(decided, -30),
                     day(decided), day(ended) if rng.random() < 0.8 else "", day(ended, 3), rng.choice(["penalty", "no_penalty"]),
                     f"{rng.randint(0, 5000)}.{rng.randint(0, 99):02}", "", rng.choice(["", "300.5"]), "",
                     rng.choice(["", "是", "否"]), rng.choice(["", "no", "2025-06-01"]), ""])
    with open(folder / "register.csv", "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


# --- the figures, by SQL -------------------------------------------------------------------------------

def working_due(holidays):
    def due(decided, days):
        at = datetime.date.fromisoformat(decided)
        while days:
            at += datetime.timedelta(days=1)
            table = holidays.get(str(at.year))
            if table is None:
                return None
            text = at.isoformat()
            days -= text in table["work"] or (at.weekday() < 5 and text not in table["off"])
        return at.isoformat()
    return due


def load(folder, ledger):
    db = sqlite3.connect(":memory:")
    base = json.loads((HERE.parents[1] / "appliance/casefile/rulebooks/base.json").read_text())
    db.create_function("due", 2, working_due(base["tables"]["holidays"]))
    db.execute("create table register(" + ",".join(COLUMNS) + ")")
    with open(folder / "register.csv") as file:
        db.executemany("insert into register values(" + ",".join("?" * len(COLUMNS)) + ")",
                       [[v or None for v in row] for row in list(csv.reader(file))[1:]])
    db.execute("create table cases(number, unit, category, decided, major, reviewed, basis, published, stored, ended, back, full, bare, hearing)")
    db.execute("create table officers(number, name)")
    for path in sorted(folder.glob("*/case.json")):
        c = json.loads(path.read_text())
        publication = c["decision"].get("publication", {})
        medium, act = c["members"][1], c["acts"][0]
        review = [r["decided"] for r in c.get("legal_review", []) if r["result"] == "passed"]
        # Minute by minute: the longest run of minutes of the hour that no reason covers.
        start, minutes, bare, run = datetime.datetime.fromisoformat(act["from"]), set(), 0, 0
        for gap in act.get("gaps", []):
            a, b = (int((datetime.datetime.fromisoformat(gap[k]) - start).total_seconds() // 60) for k in ("from", "to"))
            minutes.update(range(a, b))
        for minute in range(60):
            run = 0 if minute in minutes else run + 1
            bare = max(bare, run)
        db.execute("insert into cases values(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", (
            c["number"], c["organ"]["unit"], c["category"], c["decision"]["signed_at"], c.get("major", {}).get("is"), min(review, default=None),
            publication.get("basis"), publication.get("published_on"), medium.get("stored_at"), medium["recorded_to"],
            medium.get("away", {}).get("returned_at"), bool(act["full_basis"]), bare, c.get("hearing", {}).get("at")))
        db.executemany("insert into officers values(?,?)", [(c["number"], o["name"]) for o in c["officers"]])
    db.execute("create table sealed(number, id, month, blockers)")
    db.execute("create table requests(id, filed, decided, approved)")
    db.execute("create table reviews(review, id, result)")
    db.execute("create table findings(finding, review, id, state)")
    read_ledger(db, ledger)
    return db


def local(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone(datetime.timedelta(hours=8)))


def read_ledger(db, ledger):
    """What only the log knows: when it was sealed, first submissions, decisions, reviews."""
    first = {}
    for line in open(ledger):
        e = json.loads(line)
        kind = e["type"]
        if kind == "draft.submitted":
            first.setdefault(e["draft"], [f["code"] for f in e["findings"] if f["severity"] == "blocker"])
        elif kind == "case.sealed":
            db.execute("insert into sealed values(?,?,?,?)", (e["number"], e["case"], str(local(e["time"]).month),
                                                              json.dumps(first.get(e.get("draft"), []))))
        elif kind == "request.filed":
            db.execute("insert into requests values(?,?,null,null)", (e["request"], local(e["time"]).isoformat()))
        elif kind == "request.decided":
            db.execute("update requests set decided = ?, approved = ? where id = ?",
                       (local(e["time"]).isoformat(), e["decision"] == "approve", e["request"]))
        elif kind == "review.recorded":
            db.execute("delete from reviews where review = ? and id = ?", (e["review"], e["case"]))
            db.execute("insert into reviews values(?,?,?)", (e["review"], e["case"], e["result"]))
            db.execute("delete from findings where review = ? and id = ? and state = 'open'", (e["review"], e["case"]))
        elif kind in ("review.finding", "review.mended", "review.closed", "review.reopened"):
            state = {"finding": "open", "mended": "mended", "closed": "closed", "reopened": "open"}[kind.split(".")[1]]
            db.execute("delete from findings where finding = ?", (e["finding"],))
            db.execute("insert into findings values(?,?,?,?)", (e["finding"], e["review"], e["case"], state))


QUERIES = {
    "archived_in_time": """select iif(number in (select number from cases) and :today <= d, 'yes', 'no'), number from
        (select number, date(coalesce(execution_ended, closed), '+30 days') d from register) where substr(d, 1, 4) = :year""",
    "legal_review": """select case when major is null then 'unknown' when reviewed <= decided then 'yes' else 'no' end, number
        from cases where substr(decided, 1, 4) = :year and major is not 0""",
    "published_in_time": """select case when d is null then 'unknown' when published <= d then 'yes' else 'no' end, number from
        (select *, due(decided, cast(basis as integer)) d from cases where basis is not 'exempt' and basis is not null
         union all select *, null from cases where basis is null) where substr(coalesce(d, decided), 1, 4) = :year""",
    "stored_in_time": """select case when stored is null then 'unknown' when
        (julianday(stored) - max(julianday(ended), coalesce(julianday(back), 0))) * 24 <= 24.0001 then 'yes' else 'no' end, number
        from cases where substr(ended, 1, 4) = :year""",
    "recorded_whole": "select iif(bare <= 1, 'yes', 'no'), number from cases where full and substr(ended, 1, 4) = :year",
    "outcomes": "select outcome, number from register where substr(decided, 1, 4) = :year",
    "disputes": """select 'reconsideration', number from register where reconsideration = '是' and substr(decided, 1, 4) = :year
        union all select 'litigation', number from register where litigation = '2025-06-01' and substr(decided, 1, 4) = :year""",
    "sealed_by_category": "select category, number from cases",
    "sealed_by_month": "select month, number from sealed",
    "hearings": "select 'held', number from cases where hearing is not null and substr(decided, 1, 4) = :year",
    "article_defects": """select distinct 'B' || substr(value, 2), number from sealed, json_each(sealed.blockers)
        where value like 'B%'""",
    "requests_approved": "select iif(approved, 'yes', 'no'), id from requests where decided is not null",
    "reviews_passed": "select iif(result = 'passed', 'yes', 'no'), number from reviews join sealed using (id)",
}
GROUPS = {
    "legal_review": "unit, category from cases where number = ?",
    "sealed_by_category": "unit, category from cases where number = ?",
    "archived_in_time": "unit, category from register where number = ?",
    "outcomes": "unit, category from register where number = ?",
}


def working_hours(holidays, filed, decided):
    """Hours from nine to five of working days, counted minute by minute of days (the test's requests are short)."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    begin, end, total = datetime.datetime.fromisoformat(filed), datetime.datetime.fromisoformat(decided), 0.0
    at = begin.date()
    while at <= end.date():
        table = holidays.get(str(at.year), {"off": [], "work": []})
        text = at.isoformat()
        if text in table["work"] or (at.weekday() < 5 and text not in table["off"]):
            opens = datetime.datetime(at.year, at.month, at.day, 9, tzinfo=zone)
            total += max(0.0, (min(end, opens + datetime.timedelta(hours=8)) - max(begin, opens)).total_seconds() / 3600)
        at += datetime.timedelta(days=1)
    return total


def compare(folder, answer, ledger):
    db = load(folder, ledger)
    got = json.loads(answer.read_text())
    wrong = 0

    def differs(what, want, have):
        nonlocal wrong
        if want != have:
            print(f"{what}: SQL {str(want)[:300]}, answer {str(have)[:300]}")
            wrong += 1

    for name, query in QUERIES.items():
        want = {}
        for label, number in db.execute(query, {"year": str(TODAY.year), "today": TODAY.isoformat()}):
            want.setdefault(label, []).append(number)
        rows = got["figures"].get(name, [])
        # A case with two recordings stands once behind both of them.
        differs(name, {k: sorted(set(v)) for k, v in want.items()}, {r["label"]: sorted(c["number"] for c in r["cases"]) for r in rows})
        differs(name + " counts", {k: len(v) for k, v in want.items()}, {r["label"]: r["value"] for r in rows})
        rate = got["rates"].get(name)
        if "yes" in want or "no" in want:
            yes, no = len(want.get("yes", [])), len(want.get("no", []))
            if abs(rate - yes / (yes + no)) > 1e-9:
                differs(name + " rate", yes / (yes + no), rate)
        if name in GROUPS:
            by_group = {}
            for label, numbers in want.items():
                for number in numbers:
                    key = (*db.execute("select " + GROUPS[name], (number,)).fetchone(), label)
                    by_group[key] = by_group.get(key, 0) + 1
            differs(name + " groups", by_group, {(g["unit"], g["category"], label): g[label] for g in got["groups"]
                                                 if g["figure"] == name for label in want if label in g})
    differs("figures", set(got["figures"]) - set(QUERIES) - {"review_findings"}, set())
    differs("review_findings", dict(db.execute("select state, count(*) from findings group by state")),
            {r["label"]: r["value"] for r in got["figures"].get("review_findings", [])})
    for column in ("fine", "confiscated", "recovered"):
        (cents,) = db.execute(f"select coalesce(sum(cast(round(cast({column} as real) * 100) as integer)), 0) from register "
                              "where substr(decided, 1, 4) = ?", (str(TODAY.year),)).fetchone()
        differs(column, f"{cents // 100}.{cents % 100:02}", got["sums"][column])
    # B1 to B8 apply to every case; B9 and B15 to fewer, which the packs say and this does not repeat.
    lacking = dict(db.execute(f"select label, count(*) from ({QUERIES['article_defects'].replace(', number from', ' label, number from')}) group by label"))
    (sealed,) = db.execute("select count(*) from sealed").fetchone()
    for article in ("B1", "B2", "B4", "B8", "B12"):
        row = got["articles"].get(article, {"applied": 0, "lacking": 0, "rate": 0})
        differs("article " + article, (sealed, lacking.get(article, 0)), (row["applied"], row["lacking"]))
        differs("rate of " + article, round(lacking.get(article, 0) / sealed, 9), round(row["rate"], 9))
    want = {name: (n, bad if n >= 5 else None) for name, n, bad in db.execute(
        "select name, count(*), sum(blockers <> '[]') from officers join sealed using (number) group by name")}
    differs("officers", want, {o["officer"]: (o["cases"], o["lacking"]) for o in got["officers"]})
    base = json.loads((HERE.parents[1] / "appliance/casefile/rulebooks/base.json").read_text())
    hours = sorted(working_hours(base["tables"]["holidays"], f, d) for f, d in db.execute(
        "select filed, decided from requests where decided is not null"))
    if hours:
        n = len(hours)
        median = hours[n // 2] if n % 2 else (hours[n // 2 - 1] + hours[n // 2]) / 2
        for name, value in (("count", n), ("median", median), ("p90", hours[-(-n * 9 // 10) - 1])):
            if abs(got["hours"][name] - value) > 0.001:
                differs("hours " + name, value, got["hours"][name])
    sys.exit(wrong > 0)


# --- reviews -------------------------------------------------------------------------------------------

def redraw(answer, count):
    got = json.loads(answer.read_text())
    population = sorted((p["case"], p["stratum"]) for p in got["population"])
    digest = hashlib.sha256("".join(f"{c} {s}\n" for c, s in population).encode()).hexdigest()
    strata = {}
    for case, stratum in population:
        strata.setdefault(stratum, []).append(case)
    names = sorted(strata, key=str.encode)
    count = min(count, len(population))
    places = {n: len(strata[n]) * count // len(population) for n in names}
    rest = sorted(names, key=lambda n: -(len(strata[n]) * count % len(population)))  # stable: earlier names first
    for name in rest[:count - sum(places.values())]:
        places[name] += 1
    sample = []
    for name in names:
        ranked = sorted(strata[name], key=lambda c: hashlib.sha256(f"{got['seed']}\n{c}".encode()).digest())
        sample += ranked[:places[name]]
    if digest != got["population_digest"] or sample != [s["case"] for s in got["sample"]]:
        sys.exit(f"drawn again: {digest} {sample}")


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
elif sys.argv[1] == "one":
    write_case(pathlib.Path(sys.argv[2]), random.Random(sys.argv[3]), sys.argv[3], TODAY - datetime.timedelta(days=40))
elif sys.argv[1] == "call":
    call(*sys.argv[2:])
elif sys.argv[1] == "compare":
    compare(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4])
else:
    redraw(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
