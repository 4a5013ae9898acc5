#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Made-up cases with their register, and the figures of a year counted by SQL over the same descriptions.

figures_check.py make FOLDER N          N case folders and register.csv
figures_check.py compare FOLDER ANSWER  every figure of Statistics' answer against SQLite
figures_check.py redraw ANSWER COUNT    the sample that follows from DrawReview's seed and population
"""
import csv
import datetime
import hashlib
import json
import pathlib
import random
import sqlite3
import sys

HERE = pathlib.Path(__file__).resolve().parent
TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
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
    gap = rng.choice([None, (0, 60), (0, 58), (0, 59), (20, 60)])
    case["acts"] = [{"id": "a1", "kind": "onsite_inspection", "from": moment(taken, 9), "to": moment(taken, 10),
                     "recordings": ["media/现场照片.jpg"], "full_basis": ["major_property"] if rng.random() < 0.8 else []}]
    if gap:
        start = datetime.datetime(taken.year, taken.month, taken.day, 9)
        case["acts"][0]["gaps"] = [{"from": (start + datetime.timedelta(minutes=gap[0])).isoformat() + "+08:00",
                                    "to": (start + datetime.timedelta(minutes=gap[1])).isoformat() + "+08:00", "reason": "fault"}]
    return case


def make(folder, count):
    rng = random.Random(20250302)
    rows = []
    for i in range(count):
        number = f"样医保罚〔2025〕{i + 1}号"
        decided = TODAY - datetime.timedelta(days=rng.randint(15, 90))
        ended = decided + datetime.timedelta(days=rng.randint(1, 14))
        if i % 5:
            here = folder / f"{i:03}"
            for sub in ("documents", "media", "explanations"):
                (here / sub).mkdir(parents=True)
            (here / "documents/001 立案审批表.pdf").write_text(f"%PDF-1.4\n% {number}\n")
            (here / "media/现场照片.jpg").write_bytes(b"\xff\xd8\xff\xe0photo " + number.encode())
            (here / "explanations/现场照片.md").write_text("# 文字说明\n\n虚构样例。\n")
            (here / "case.json").write_text(json.dumps(describe(rng, number, decided), ensure_ascii=False))
        rows.append([number, "样例案", rng.choice(["penalty", "inspection"]), "000000-YB", "基金监管科", "甲某", day(decided, -30),
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


def load(folder):
    db = sqlite3.connect(":memory:")
    base = json.loads((HERE.parents[1] / "appliance/casefile/rulebooks/base.json").read_text())
    db.create_function("due", 2, working_due(base["tables"]["holidays"]))
    db.execute("create table register(" + ",".join(COLUMNS) + ")")
    with open(folder / "register.csv") as file:
        db.executemany("insert into register values(" + ",".join("?" * len(COLUMNS)) + ")",
                       [[v or None for v in row] for row in list(csv.reader(file))[1:]])
    db.execute("create table cases(number, category, decided, major, reviewed, basis, published, stored, ended, back, full, bare)")
    for path in sorted(folder.glob("*/case.json")):
        c = json.loads(path.read_text())
        publication = c["decision"].get("publication", {})
        medium, act = c["members"][1], c["acts"][0]
        review = [r["decided"] for r in c.get("legal_review", []) if r["result"] == "passed"]
        gap = (act.get("gaps") or [None])[0]
        bare = 60 - ((datetime.datetime.fromisoformat(gap["to"]) - datetime.datetime.fromisoformat(gap["from"])).seconds / 60 if gap else 0)
        db.execute("insert into cases values(?,?,?,?,?,?,?,?,?,?,?,?)", (
            c["number"], c["category"], c["decision"]["signed_at"], c.get("major", {}).get("is"), min(review, default=None),
            publication.get("basis"), publication.get("published_on"), medium.get("stored_at"), medium["recorded_to"],
            medium.get("away", {}).get("returned_at"), bool(act["full_basis"]), bare))
    return db


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
}


def compare(folder, answer):
    db = load(folder)
    got = json.loads(answer.read_text())
    wrong = 0
    for name, query in QUERIES.items():
        want = {}
        for label, number in db.execute(query, {"year": str(TODAY.year), "today": TODAY.isoformat()}):
            want.setdefault(label, []).append(number)
        have = {row["label"]: [c["number"] for c in row["cases"]] for row in got["figures"].get(name, [])}
        values = {row["label"]: row["value"] for row in got["figures"].get(name, [])}
        if {k: sorted(v) for k, v in want.items()} != {k: sorted(v) for k, v in have.items()} or \
                values != {k: len(v) for k, v in want.items()}:
            print(f"{name}: SQL {want}, answer {have}")
            wrong += 1
        rate = got["rates"].get(name)
        if "yes" in want or "no" in want:
            yes, no = len(want.get("yes", [])), len(want.get("no", []))
            if abs(rate - yes / (yes + no)) > 1e-9:
                print(f"{name}: rate {rate}")
                wrong += 1
    for column in ("fine", "confiscated", "recovered"):
        (cents,) = db.execute(f"select coalesce(sum(cast(round(cast({column} as real) * 100) as integer)), 0) from register "
                              "where substr(decided, 1, 4) = ?", (str(TODAY.year),)).fetchone()
        if got["sums"][column] != f"{cents // 100}.{cents % 100:02}":
            print(f"{column}: SQL {cents}, answer {got['sums'][column]}")
            wrong += 1
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
elif sys.argv[1] == "compare":
    compare(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
else:
    redraw(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
