// Unpacks the browser of @sparticuz/chromium: `node unpack.mjs <folder>`.
// The package unpacks into the temporary folder, which the caller has set.
import chromium from "@sparticuz/chromium";

console.log(await chromium.executablePath());
