/** A use of one package that only works if the package does. */
export interface PackageExample {
  /** What it imports from the package. */
  readonly names: readonly string[];
  /** JavaScript that is TypeScript too; `equal` is Node's strict assertion. May await. */
  readonly body: string;
}

/** By name of the project in nx: every package must be here. */
export const packageExamples: Readonly<Record<string, PackageExample>> = {
  artifacts: {
    names: ['listRuns', 'openRun'],
    body: `
      const run = openRun({ root: 'out', config: { steps: 1 }, rawConfig: {}, isNew: true });
      run.metrics(1, { 'loss/train': 0.5 });
      run.fail(new Error('stopped on purpose'));
      equal(listRuns('out').some(({ status }) => status === 'FAILED'), true);`,
  },
  config: {
    names: ['resolveTrainingConfig'],
    body: `
      const { config, origins } = resolveTrainingConfig({ overrides: ['training.seed=7'] });
      equal(config.training.seed, 7);
      equal(origins['training.seed']?.layer, 'argument');`,
  },
  core: {
    names: ['canonicalJson', 'math', 'sha256', 'UsageError'],
    body: `
      equal(canonicalJson({ b: math.exp(0), a: [] }), '{"a":[],"b":1}');
      equal(sha256(new Uint8Array()).slice(0, 8), 'e3b0c442');
      const error = new UsageError('No steps', { code: 'NO_STEPS', remedy: 'give a number' });
      equal(error.message, 'No steps');`,
  },
  crate: {
    names: ['exportExperiment'],
    body: `
      let isRefused = false;
      try {
        await exportExperiment({ root: 'out', file: 'nothing.zip' });
      } catch {
        isRefused = true;
      }
      equal(isRefused, true);`,
  },
  curriculum: {
    names: ['CurriculumManager'],
    body: `
      const stages = [{ name: 'simple', exit: [{ metric: 'accuracy', threshold: 0.9 }] }, { name: 'hard', exit: [] }];
      const manager = new CurriculumManager({ stages, smoothingWindowSize: 1, patienceCycles: 1 });
      equal(manager.checkForAdvancement({ accuracy: 0.95 }).decision, 'advance');
      equal(manager.currentStage, 'hard');`,
  },
  data: {
    names: ['datasetNames', 'renderDigit'],
    body: `
      equal(datasetNames().includes('digits-reasoning'), true);
      const cell = renderDigit(new Uint8Array(784).fill(255), { shiftX: 0, shiftY: 0, scale: 1, contrast: 0.5 });
      equal(cell[400], 127.5);`,
  },
  distributed: {
    names: ['addInRankOrder', 'memoryWorlds'],
    body: `
      const totals = await Promise.all(
        memoryWorlds(2).map(async (world) => {
          const total = new Float32Array(1);
          await addInRankOrder(world, { addends: [Float32Array.of(world.rank + 1)], total });
          return total[0];
        }),
      );
      equal(String(totals), '3,3');`,
  },
  experiment: {
    names: ['currentExperiment', 'withExperiment'],
    body: `
      const value = await withExperiment({ root: 'out', hardwareIntervalMs: 0 }, async (run) => {
        run.metrics(1, { 'loss/train': 0.5 });
        equal(currentExperiment()?.runId, run.runId);
        return 7;
      });
      equal(value, 7);
      equal(currentExperiment(), undefined);`,
  },
  kernels: {
    names: ['installTrainingKernels'],
    body: `
      const tf = await import('@tensorflow/tfjs-core');
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      equal(typeof setWasmPaths, 'function');
      await tf.setBackend('wasm');
      const kernels = installTrainingKernels(tf);
      const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]]), false, true);
      equal((await product.data())[0], 11);
      kernels.uninstall();`,
  },
  lineage: {
    names: ['LineageGraph', 'toMermaid'],
    body: `
      const graph = new LineageGraph([], []);
      equal(graph.validate().length, 0);
      equal(toMermaid(graph).startsWith('flowchart'), true);`,
  },
  metrics: {
    names: ['accuracy', 'computeMcc', 'confusionMatrix'],
    body: `
      equal(accuracy([0, 1, 1], [0, 1, 1]), 1);
      equal(computeMcc(confusionMatrix([0, 1, 1], [0, 1, 1], 2)), 1);`,
  },
  native: {
    names: ['findNativeInstallation', 'nativeCacheDirectory'],
    body: `
      equal(nativeCacheDirectory().length > 0, true);
      equal(typeof findNativeInstallation, 'function');`,
  },
  remotes: {
    names: ['parseRemote'],
    body: `
      equal(typeof parseRemote('file:backup'), 'object');`,
  },
  reproducibility: {
    names: ['Generator', 'setGlobalSeed'],
    body: `
      const weights = Generator.fromSeed(42).fork('weights').normal();
      equal(Generator.fromSeed(42).fork('weights').normal(), weights);
      const first = setGlobalSeed(0);
      const drawn = Math.random();
      first.restore();
      const second = setGlobalSeed(0);
      equal(Math.random(), drawn);
      second.restore();`,
  },
  signing: {
    names: ['generateSigningKey', 'signFolder', 'verifySignature'],
    body: `
      const { privateKey, publicKey } = generateSigningKey();
      const files = [{ name: 'model.safetensors', sha256: '0'.repeat(64) }];
      const bundle = await signFolder(files, { privateKey });
      equal((await verifySignature(files, bundle, { publicKey })).length, 0);`,
  },
  store: {
    names: ['ContentStore'],
    body: `
      const store = ContentStore.open('out/store');
      const { sha256 } = await store.put('hello');
      equal(new TextDecoder().decode(await store.readBytes(sha256)), 'hello');`,
  },
  'sweep-library': {
    names: ['createStrategy', 'rungs'],
    body: `
      equal(rungs({ minimumSteps: 10, maximumSteps: 100, reductionFactor: 3 }).join(), '10,30,100');
      const space = { 'training.seed': { values: [1, 2] } };
      const strategy = createStrategy(
        { strategy: 'grid', trials: null, generation_size: 4, metric: 'loss/val', direction: 'min', space, halving: null },
        { seed: 42 },
      );
      equal(strategy.trials, 2);`,
  },
  tracing: {
    names: ['TraceContext', 'tracedOperation'],
    body: `
      const traceId = tracedOperation('answer', 'Engine', () => TraceContext.current()?.traceId);
      equal(traceId?.length, 32);
      equal(TraceContext.current(), undefined);`,
  },
  training: {
    names: ['decodeSafetensors', 'encodeSafetensors', 'loadBackend'],
    body: `
      const file = encodeSafetensors({ weight: { shape: [2], data: new Float32Array([1, 2]) } });
      equal(decodeSafetensors(file).tensors['weight']?.data[1], 2);
      equal((await loadBackend('wasm')).name, 'wasm');`,
  },
  verification: {
    names: ['compareRuns', 'float32Distance'],
    body: `
      equal(float32Distance(1, 1 + 2 ** -23), 1);
      let code = '';
      try {
        compareRuns(['out/none', 'out/none']);
      } catch (error) {
        if (error instanceof Error && 'code' in error) code = String(error.code);
      }
      equal(code, 'RUN_MISSING');`,
  },
  xla: {
    names: ['compileStep'],
    body: `
      let code = '';
      try {
        compileStep((state) => ({ state, outputs: {} }), { state: {} });
      } catch (error) {
        code = String(Reflect.get(Object(error), 'code'));
      }
      equal(code, 'BACKEND_CANNOT_COMPILE');`,
  },
};
