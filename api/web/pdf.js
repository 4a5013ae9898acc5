// SPDX-License-Identifier: Apache-2.0
// PDF pages onto canvases, by pdf.js (libjs-pdf).  No eval: the pages' own scripts and fonts that need it do not run.
import { h } from "./ui.js";
import { t } from "./language.js";

const MAX_PAGES = 500;

let library = null;

// libjs-pdf is a classic script that leaves one global name.
function load() {
	library ??= new Promise((resolve, reject) => {
		document.head.append(h("script", { src: "/pdfjs/pdf.js", onload: () => resolve(globalThis.pdfjsLib ?? globalThis["pdfjs-dist/build/pdf"]),
			onerror: () => { library = null; reject(new Error(t("room.no_pdf"))); } }));
	});
	return library;
}

export async function show(bytes, box) {
	const pdfjs = await load();
	pdfjs.GlobalWorkerOptions.workerSrc = "/pdfjs/pdf.worker.js";
	const document = await pdfjs.getDocument({ data: bytes, isEvalSupported: false, enableXfa: false, cMapUrl: "/pdfjs/cmaps/", cMapPacked: true,
		standardFontDataUrl: "/pdfjs/fonts/" }).promise;
	const draw = async (number, canvas) => {
		const page = await document.getPage(number);
		const viewport = page.getViewport({ scale: Math.min(2, Math.max(1, box.clientWidth / page.getViewport({ scale: 1 }).width)) });
		canvas.width = viewport.width;
		canvas.height = viewport.height;
		await page.render({ canvasContext: canvas.getContext("2d"), viewport }).promise;
	};
	// A page is drawn when it comes near the window.
	const watch = new IntersectionObserver((seen) => {
		for (const entry of seen) {
			if (!entry.isIntersecting) continue;
			watch.unobserve(entry.target);
			draw(Number(entry.target.dataset.page), entry.target);
		}
	}, { root: box, rootMargin: "600px" });
	for (let n = 1; n <= Math.min(document.numPages, MAX_PAGES); n++) {
		const canvas = h("canvas", { width: 600, height: 850, "data-page": n, role: "img", "aria-label": t("room.page", { n, of: document.numPages }) });
		box.append(canvas);
		watch.observe(canvas);
	}
}
