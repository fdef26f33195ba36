const fc = require('fast-check');

// The same cases at every run, so that a change that breaks a property is to blame for it. FAST_CHECK_SEED tries others.
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 42) });
