/**
 * Lets `require` load the modules of which @tensorflow/tfjs-core is made (ES modules without file extensions, among them its
 * tests) and the TypeScript of this package, and gives those modules to whoever asks for @tensorflow/tfjs-core: the tests
 * and the backend must share one engine.
 */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, sep } = require('node:path');
const { transformSync } = require('@swc/core');

const coreRoot = dirname(require.resolve('@tensorflow/tfjs-core/package.json'));

/** From now on, for the whole process. */
function registerSources() {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function resolveSource(request, ...others) {
    const isCore = request === '@tensorflow/tfjs-core';
    return resolve.call(this, isCore ? join(coreRoot, 'dist', 'index.js') : request, ...others);
  };
  const loadScript = Module._extensions['.js'];
  Module._extensions['.js'] = function loadSource(module, filename) {
    if (!filename.startsWith(join(coreRoot, 'dist') + sep)) return loadScript(module, filename);
    // The backend's classes are functions, which can only extend functions.
    const target = filename.endsWith('_test.js') ? 'es2022' : 'es5';
    return module._compile(toCommonJs(filename, 'ecmascript', target), filename);
  };
  Module._extensions['.ts'] = function loadTypeScript(module, filename) {
    module._compile(toCommonJs(filename, 'typescript', 'es2022'), filename);
  };
}

function toCommonJs(filename, syntax, target) {
  return transformSync(readFileSync(filename, 'utf8'), {
    filename,
    configFile: false,
    swcrc: false,
    jsc: { parser: { syntax }, target },
    module: { type: 'commonjs' },
  }).code;
}

module.exports = { coreRoot, registerSources };
