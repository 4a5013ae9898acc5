// SPDX-License-Identifier: Apache-2.0
// The frame: who is signed in, what they can go to, and the view of the address behind '#'.
import { h, replace, link, button, later, notice, say, toast, inSight } from "./ui.js";
import { t, choose, current } from "./language.js";
import { me, onSession, resume, signOut } from "./server.js";
import * as home from "./views/home.js";
import * as gate from "./views/gate.js";

// Views are loaded when they are first wanted: the first screen stays small.
const views = {
	home: () => home,
	find: () => import("./views/find.js"),
	case: () => import("./views/case.js"),
	requests: () => import("./views/requests.js"),
	request: () => import("./views/request.js"),
	ask: () => import("./views/ask.js"),
	grants: () => import("./views/grants.js"),
	room: () => import("./views/room.js"),
	escort: () => import("./views/escort.js"),
	live: () => import("./views/live.js"),
	drafts: () => import("./views/drafts.js"),
	draft: () => import("./views/draft.js"),
	register: () => import("./views/register.js"),
	counter: () => import("./views/counter.js"),
	people: () => import("./views/people.js"),
	deputies: () => import("./views/deputies.js"),
	policy: () => import("./views/policy.js"),
	log: () => import("./views/log.js"),
	receipt: () => import("./views/receipt.js"),
	figures: () => import("./views/figures.js"),
	warnings: () => import("./views/warnings.js"),
	reviews: () => import("./views/reviews.js"),
	review: () => import("./views/review.js"),
	odd: () => import("./views/odd.js"),
	confirm: () => import("./views/confirm.js"),
	holds: () => import("./views/holds.js"),
	status: () => import("./views/status.js"),
	me: () => import("./views/me.js"),
	password: () => import("./views/password.js"),
	help: () => import("./views/help.js"),
};

// What each role goes to, in the order of its day.
const ways = {
	handler: ["home", "drafts", "register", "find", "requests", "grants", "reviews", "figures", "me"],
	archivist: ["home", "drafts", "find", "counter", "requests", "grants", "register", "holds", "reviews", "warnings", "figures", "me"],
	official: ["home", "requests", "live", "grants", "find", "deputies", "holds", "warnings", "figures", "me"],
	supervisor: ["home", "find", "requests", "grants", "reviews", "register", "warnings", "figures", "me"],
	auditor: ["home", "log", "odd", "receipt", "live", "reviews", "figures", "me"],
	"security-admin": ["home", "confirm", "people", "live", "grants", "log", "me"],
	admin: ["home", "people", "policy", "status", "me"],
	party: ["home", "me", "receipt"],
};

// The way that stays marked while a thing of its list is looked at.
const under = { request: "requests", ask: "requests", case: "find", room: "grants", escort: "grants", draft: "drafts", review: "reviews", password: "me" };

const app = document.getElementById("app");
let main;

const open = [
	["apply", () => import("./views/apply.js")],
	["follow", () => import("./views/apply.js")],
	["pass", () => import("./views/apply.js")],
	["receipt", () => import("./views/receipt.js")],
	["help", () => import("./views/help.js")],
];

export function place() {
	const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
	const [name, ...rest] = path.split("/").map(decodeURIComponent);
	return { name: name || "home", rest, query: new URLSearchParams(query) };
}

const logo = h("img", { src: "/icon.svg", alt: "" }); // one for all frames: it stays when the connection does not
const nameOf = (who) => who.role === "party" ? t("grant.by.pass") : who.full_name || who.user;
// A password that somebody else chose is asked for again and again, until it is exchanged.
let asked = "";
const initial = (who) => who.initial && place().name !== "password"
	? notice("warn", t("password.initial"), " ", link(t("password.go"), "#/password")) : null;

function frame() {
	const who = me();
	const items = (ways[who.role] || ["home", "me"]).map((name) =>
		h("a", { href: `#/${name}`, "aria-current": (under[place().name] || place().name) === name ? "page" : undefined }, t(`nav.${name}`)));
	main = h("main", { class: "main", id: "main" });
	replace(app,
		h("a", { class: "skip", href: "#main", onclick: (e) => { e.preventDefault(); main.querySelector("h1")?.focus(); } }, t("skip")),
		h("div", { class: "frame" },
			h("header", { class: "bar" },
				h("a", { class: "brand", href: "#/home" }, logo, t("brand")),
				h("div", { class: "who" },
					h("span", {}, nameOf(who), " ", h("span", { class: "soft small" }, t(`role.${who.role}`))),
					tongue(),
					link(t("nav.help"), "#/help", "button quiet small"),
					button(t("signout"), () => signOut().catch((error) => toast(say(error), "bad")), "small"))),
			h("nav", { class: "nav", "aria-label": t("nav") }, items),
			h("div", { class: "content" }, initial(who), main)));
	inSight(app.querySelector(".nav [aria-current]"));
}

export const tongue = () => button(current() === "zh" ? "English" : "中文", () => {
	choose(current() === "zh" ? "en" : "zh").then(draw, (error) => toast(say(error), "bad"));
}, "quiet small", { lang: current() === "zh" ? "en" : "zh" });

async function show(target, load, here) {
	const module = await load();
	replace(target, module.default(here));
}

function draw() {
	const here = place();
	const outside = open.find(([name]) => name === here.name);
	if (!me()) {
		replace(app, h("div", { id: "gate" }));
		const target = app.firstChild;
		if (outside) target.append(later(outside[1], (module) => gate.around(module.default(here), tongue)));
		else replace(target, gate.default(tongue));
		return;
	}
	frame();
	if (me().initial && here.name === "home" && asked !== me().session) {
		asked = me().session;
		location.hash = "#/password";
		return;
	}
	const load = views[here.name] || views.home;
	show(main, async () => load(), here).catch((error) => replace(main, h("div", { class: "failed", role: "alert" }, say(error))));
}

window.addEventListener("hashchange", () => {
	draw();
	document.querySelector("main h1")?.focus({ preventScroll: true });
	window.scrollTo(0, 0);
});
document.addEventListener("connection", (event) => {
	const there = document.querySelector(".lost");
	if (event.detail.lost && !there) document.body.prepend(h("div", { class: "lost", role: "alert" }, t("connection.lost")));
	else if (!event.detail.lost && there) there.remove();
});
onSession(draw);
choose(current()).then(resume).then(draw);
