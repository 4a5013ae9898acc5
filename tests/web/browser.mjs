// SPDX-License-Identifier: Apache-2.0
// The browsers that the tests drive.
const sandbox = { args: ["--no-sandbox"], timeout: 120000 };

// Chromium without a window of its own: the same pages at half the work.
export const launch = { executablePath: process.env.SR_CHROMIUM || "/usr/bin/chromium-headless-shell", ...sandbox };
// As people have it, with a profile that it keeps things in.
export const whole = { executablePath: process.env.SR_CHROMIUM || "/usr/bin/chromium", ...sandbox };
