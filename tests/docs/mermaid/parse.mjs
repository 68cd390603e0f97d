// Parses the pictures that come as a JSON list of texts, and answers with a list of what is wrong with each.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// Mermaid cleans labels with a browser's own means, and asks for them while it is imported.
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const wrong = [];
for (const picture of JSON.parse(readFileSync(0, "utf8"))) {
  wrong.push(await mermaid.parse(picture).then(() => "", String));
}
console.log(JSON.stringify(wrong));
