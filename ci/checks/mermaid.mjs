// Mermaid's own parser reads the charts that plans are rendered as: `node mermaid.mjs FILE…`.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');

const files = process.argv.slice(2);
for (const file of files) {
    const { diagramType } = await mermaid.parse(readFileSync(file, 'utf8'));
    if (!diagramType.startsWith('flowchart')) throw new Error(`${file} is a ${diagramType}`);
}
console.log(`mermaid parses ${files.length} charts`);
