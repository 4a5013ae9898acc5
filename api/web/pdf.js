// SPDX-License-Identifier: Apache-2.0
// PDF pages onto canvases, by pdf.js (libjs-pdf).  No eval: the pages' own scripts and fonts that need it do not run.
import { h, button } from "./ui.js";
import { t } from "./language.js";

const MAX_PAGES = 2000;
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

let library = null;

// libjs-pdf is a classic script that leaves one global name.
function load() {
	library ??= new Promise((resolve, reject) => {
		document.head.append(h("script", { src: "/pdfjs/pdf.js", onload: () => resolve(globalThis.pdfjsLib ?? globalThis["pdfjs-dist/build/pdf"]),
			onerror: () => { library = null; reject(new Error(t("room.no_pdf"))); } }));
	});
	return library;
}

/*
 * Show the PDF in `box`, with its tools in `bar`.  Returns { page() → the page looked at, go(n), close() }; close gives
 * back what the pages hold.
 */
export async function show(bytes, box, bar) {
	const pdfjs = await load();
	pdfjs.GlobalWorkerOptions.workerSrc = "/pdfjs/pdf.worker.js";
	const task = pdfjs.getDocument({ data: bytes, isEvalSupported: false, enableXfa: false, cMapUrl: "/pdfjs/cmaps/", cMapPacked: true,
		standardFontDataUrl: "/pdfjs/fonts/" });
	const file = await task.promise;
	const count = Math.min(file.numPages, MAX_PAGES);
	const first = (await file.getPage(1)).getViewport({ scale: 1 });
	const canvases = [];
	let zoom = 1, at = 1, closed = false;

	const fit = (width) => Math.max(0.2, (box.clientWidth - 26) / width) * zoom;
	async function draw(canvas) {
		const page = await file.getPage(Number(canvas.dataset.page));
		if (closed) return;
		const scale = fit(page.getViewport({ scale: 1 }).width), sharp = Math.min(2, window.devicePixelRatio || 1);
		const viewport = page.getViewport({ scale: scale * sharp });
		canvas.width = Math.floor(viewport.width);
		canvas.height = Math.floor(viewport.height);
		canvas.style.width = `${viewport.width / sharp}px`;
		canvas.style.height = `${viewport.height / sharp}px`;
		await page.render({ canvasContext: canvas.getContext("2d"), viewport }).promise.catch(() => {});
	}
	// A page is drawn when it comes near the window, and its picture let go of when it is far away.
	const near = new IntersectionObserver((seen) => {
		for (const { target, isIntersecting } of seen) {
			if (isIntersecting && !target.drawn) {
				target.drawn = true;
				draw(target);
			} else if (!isIntersecting && target.drawn) {
				target.drawn = false;
				target.width = target.height = 1;
			}
		}
	}, { root: box, rootMargin: "900px" });
	const size = (canvas) => {
		canvas.style.width = `${first.width * fit(first.width)}px`;
		canvas.style.height = `${first.height * fit(first.width)}px`;
	};
	for (let n = 1; n <= count; n++) {
		const canvas = h("canvas", { width: 1, height: 1, "data-page": n, role: "img", "aria-label": t("room.page", { n, of: file.numPages }) });
		canvases.push(canvas);
		size(canvas);
		box.append(canvas);
	}
	canvases.forEach((canvas) => near.observe(canvas));

	const number = h("input", { type: "number", min: 1, max: count, value: 1, class: "page-number", "aria-label": t("room.page.go"), onchange: () => go(Number(number.value)) });
	const go = (n) => {
		at = Math.min(count, Math.max(1, Math.round(n) || 1));
		number.value = at;
		box.scrollTop = canvases[at - 1].offsetTop - box.offsetTop - 8;
	};
	function resize(to) {
		zoom = to;
		canvases.forEach((canvas) => {
			canvas.drawn = false;
			size(canvas);
			near.unobserve(canvas);
			near.observe(canvas);
		});
		go(at);
	}
	const step = (by) => resize(ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, ZOOMS.indexOf(zoom) + by))]);
	box.addEventListener("scroll", () => {
		const middle = box.scrollTop + box.clientHeight / 3;
		const now = canvases.filter((canvas) => canvas.offsetTop - box.offsetTop <= middle).length || 1;
		if (now !== at && document.activeElement !== number) number.value = at = now;
	}, { passive: true });
	bar.append(
		button("‹", () => go(at - 1), "small", { "aria-label": t("room.page.before") }), number, h("span", { class: "soft" }, `/ ${count}`),
		button("›", () => go(at + 1), "small", { "aria-label": t("room.page.after") }),
		button("−", () => step(-1), "small", { "aria-label": t("room.smaller") }), button("＋", () => step(1), "small", { "aria-label": t("room.larger") }),
		button(t("room.fit"), () => resize(1), "small"));
	return {
		page: () => at,
		go,
		close() {
			closed = true;
			near.disconnect();
			canvases.forEach((canvas) => { canvas.width = canvas.height = 0; });
			task.destroy();
		},
	};
}
