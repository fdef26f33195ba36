#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'main.js');
if (existsSync(main)) require(main);
else {
  process.stderr.write('error: pixelis is not built yet\nremedy: run `npm run build` first\n');
  process.exitCode = 1;
}
