// SPDX-License-Identifier: Apache-2.0
const form = document.getElementById("sign-in");
const says = document.getElementById("says");

form.addEventListener("submit", async (event) => {
	event.preventDefault();
	const { user, password } = Object.fromEntries(new FormData(form));
	const response = await fetch("/api/v1/session", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ user, password }),
	});
	const answer = await response.json();
	says.textContent = response.ok ? `已登录：${answer.user}（${answer.role}）` : answer.detail || answer.title;
	form.reset();
});
