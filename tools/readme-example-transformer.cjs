const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const OPTIONS = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
  sourceMaps: true,
  swcrc: false,
};

/**
 * Makes the README of a package a module for jest: its first ```ts block, in which the package's own name stands for its
 * sources. The module also exports `printed`, the text of the README's first ```text block.
 */
module.exports = {
  process(source, filename) {
    const readme = source.replaceAll('\r\n', '\n');
    const example = firstBlock(readme, 'ts');
    if (example === null) throw new Error(`${filename} has no block of ts`);
    const [, ownName] = /^# (.*)/.exec(readme) ?? [];
    const lines = [
      readme.slice(0, example.index).replace(/.*/g, ''), // so that stack traces have the README's lines
      example[1].replaceAll(`from '${ownName}'`, "from './src/index'"),
      `export const printed = ${JSON.stringify(firstBlock(readme, 'text')?.[1])};`,
    ];
    return transformSync(lines.join('\n'), { ...OPTIONS, filename });
  },

  getCacheKey(source, filename) {
    const parts = [readFileSync(__filename, 'utf8'), filename, source];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  },
};

function firstBlock(readme, language) {
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(readme);
}
