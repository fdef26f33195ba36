import type { ENVIRONMENT_LOCKS } from './checkout';

/**
 * A mistake in what a command is given: what it is, the arguments, the exit code that it must lead to, and `reported` if the command
 * says on stderr what it found or did before it says what is wrong.
 */
export type Mistake = readonly [
  mistake: string,
  args: string,
  exitCode: number,
  report?: 'reported',
];

const NO_FOLDER = 'text.txt/x';

/**
 * Mistakes of every command of `pixelis` in what it is told to work on; those in its options are derived from its help. The world
 * in which they are made is that of `makeWorld`. A command without an entry fails the test.
 */
export const COMMAND_MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  'runs list': [
    ['a value that there is not', '--status done', 2],
    ['a moment that is none', '--since yesterday', 2],
    ['an unknown key of configurations', '--config training.sed=1', 2],
    ['an unknown metric', '--metric accuracy/hrd>0', 2],
    ['an unknown metric to sort by', '--sort acuracy/hard', 2],
    ['an output folder that is not there', '--out nowhere', 4],
    ['an output folder that is a file', '--out text.txt', 4],
  ],
  'runs show': [
    ['an unknown run', 'nope', 2],
    ['a name that leads elsewhere', '../good', 2],
  ],
  'runs compare': [['an unknown run', 'good nope', 2]],
  'runs audit': [
    ['an unknown run', 'nope', 2],
    ['a key that is not there', 'good --public-key missing.pub', 4],
    ['a folder for a key', 'good --public-key folder', 4],
  ],
  verify: [
    ['an unknown run', 'nope', 2],
    ['a folder that is not there', './nope', 4],
    ['a folder that is no run', './folder', 4],
    ['a damaged run', 'good --out damaged', 5],
  ],
  diff: [
    ['an unknown run', 'good nope', 2],
    ['a damaged run', 'good good --out damaged', 5],
  ],
  'manifest validate': [
    ['a file that is not there', 'missing.json', 4],
    ['a folder without a manifest', 'folder', 4],
    ['a folder for a manifest', 'folders', 4],
    ['a file of a later version', 'later/manifest.json', 3],
    ['a sweep that is not finished', 'out/sweeps/lr', 4],
    ['an unknown run', 'nope', 2],
  ],
  'env lock': [
    ['a file that cannot be written', `--file ${NO_FOLDER}`, 4],
    ['a folder for a file', '--file folder', 4],
  ],
  'env diff': [
    ['an unknown run', 'nope', 2],
    ['a file that is no lock', 'text.txt', 4],
    ['a folder without an environment', 'folder', 4],
    ['a folder for a file', 'folders/env.lock.json', 4],
    ['a file of a later version', 'later/env.lock.json', 3],
  ],
  'config diff': [
    ['a file that is not there', 'missing.yaml unknown-key.yaml', 2],
    ['a broken file', 'text.txt text.txt', 2],
    ['broken JSON', 'good comma.json', 2],
    ['a folder without a configuration', 'good folder', 2],
    ['a folder for a configuration', 'good folders', 2],
    ['another file of a run', 'good out/runs/good/manifest.json', 2],
    ['an unknown run', 'good nope', 2],
  ],
  'artifacts list': [['an output folder that is a file', '--out text.txt', 4]],
  'artifacts show': [
    ['an unknown name', 'nope', 2],
    ['an unknown version', 'model-good:v9', 2],
  ],
  'artifacts get': [
    ['an unknown name', 'nope new', 2],
    ['a file where the folder is to be', 'model-good text.txt', 4],
    ['damaged content', 'model-good new --out damaged', 5],
  ],
  'artifacts put': [
    ['a file that is not there', 'x missing.txt', 4],
    ['a name that is none', '../x list.json', 2],
    ['an output folder that is a file', 'x list.json --out text.txt', 4],
  ],
  'artifacts alias': [
    ['an unknown name', 'nope best v1', 2],
    ['an unknown version', 'model-good best v9', 2],
  ],
  'artifacts rollback': [['an unknown version', 'model-good v9', 2]],
  'artifacts verify': [['an output folder that is a file', '--out text.txt', 4]],
  'artifacts gc': [['a span that is none', '--keep-younger-than soon', 2]],
  'lineage show': [
    ['an unknown name', 'nope', 2],
    ['an unknown name to lead to', 'good --to nope', 2],
  ],
  'lineage validate': [['an output folder that is a file', '--out text.txt', 4]],
  'lineage export': [
    ['an unknown name', 'nope', 2],
    ['a file that cannot be written', `--output ${NO_FOLDER}`, 4],
    ['a folder for a file', '--output folder', 4],
  ],
  export: [
    ['an unknown run', 'nope --file new.zip', 2],
    ['a file that cannot be written', `good --file ${NO_FOLDER}`, 4],
    ['a file that is there', 'good --file whole.zip', 2],
    ['a folder for a file', 'good --file folder', 2],
    ['a damaged run', 'good --file new.zip --out damaged', 5],
  ],
  import: [
    ['a file that is not there', 'missing.zip', 4],
    ['a folder for a file', 'folder', 4],
    ['a file of another kind', 'text.txt', 4],
    ['a broken file', 'cut.zip', 4],
    ['an output folder that is a file', 'whole.zip --out text.txt', 4],
  ],
  sync: [
    ['an unknown kind of remote', '--to nope', 2],
    ['a remote that is not there', '--from file:nowhere', 4],
    ['a remote that cannot be written', '--to file:text.txt', 4],
    ['a server that does not answer', 'good --to mlflow:http://127.0.0.1:2', 6, 'reported'],
  ],
  'generate-key': [
    ['a file that cannot be written', NO_FOLDER, 4],
    ['a file that is there', 'key', 2],
    ['a folder for a file', 'folder', 2],
  ],
  sign: [
    ['an unknown name', 'nope --key key', 2],
    ['a key that is not there', 'good --key missing.pem', 4],
    ['a key that is none', 'good --key text.txt', 2],
    ['a folder for a key', 'good --key folder', 4],
    ['a folder for the signature', 'good --key key --output folder', 4],
    ['a folder for the provenance', 'good --key key --provenance folder', 4],
    ['a file that cannot be written', `good --key key --output ${NO_FOLDER}`, 4],
  ],
  'verify-signature': [
    ['an unknown name', 'nope --public-key key.pub', 2],
    ['no signature', 'good --public-key key.pub', 4],
    ['a folder for a key', 'good --public-key folder --signature list.json', 4],
    ['a folder for the signature', 'good --public-key key.pub --signature folder', 4],
    ['a folder for the provenance', 'good --public-key key.pub --provenance folder', 4],
  ],
  'filter-and-score': [
    ['a file that is not there', '--input missing.jsonl --output o --dataset-name x', 4],
    ['a broken file', '--input text.txt --output o --dataset-name x', 4],
    ['a name that is none', '--input records.jsonl --output o --dataset-name a/b', 2],
    ['a folder for the input', '--input folder --output o --dataset-name x', 4],
    ['a folder for the output', '--input records.jsonl --output folder --dataset-name x', 4],
    [
      'a file that cannot be written',
      `--input records.jsonl --output ${NO_FOLDER} --dataset-name x`,
      4,
    ],
  ],
  doctor: [
    ['an unknown option', '--nonsense', 2],
    ['an unknown argument', 'extra', 2],
    ['an unknown backend', '--backend nope', 2],
  ],
};

/** Commands whose result is a verdict: over what is damaged it is exit code 5, and nothing is changed. */
export const VERDICTS: readonly string[] = [
  'runs audit --out damaged',
  'artifacts verify --dry-run --out damaged',
  'manifest validate good --out damaged',
];

/** Mistakes of the other programs; the first word of the key is the program. */
export const PROGRAM_MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  'train sft': [
    ['an unknown option', '--nope', 2],
    ['an unknown argument', 'extra', 2],
    ['an unknown mode', '--mode nope', 2],
    ['an unknown key', 'training.sted=1', 2],
    ['a value of the wrong type', 'training.steps=many', 2],
    ['an unknown data set', 'data.dataset=nope', 2],
    ['a configuration that is not there', '--config missing.yaml', 2],
    ['a broken configuration', '--config text.txt', 2],
    ['a configuration in broken JSON', '--config comma.json', 2],
    ['a folder for a configuration', '--config folder', 2],
    ['the folder of a run for a configuration', '--config out/runs/good', 2],
    ['the configuration of a sweep', '--config sweep.yaml', 2],
    ['the configuration of an evaluation', '--config evaluation.yaml', 2],
    ['an unknown key in a file', '--config unknown-key.yaml', 2],
    ['a value of the wrong type in a file', '--config wrong-type.json', 2],
    ['a trial that is not there', '--sweep missing.json', 2],
    ['a trial that is none', '--sweep list.json', 2],
    ['a folder for a trial', '--sweep folder', 2],
    ['a sweep for a trial', '--sweep sweep.yaml', 2],
    ['an output folder that is a file', '--out text.txt', 4],
    ['an output folder below a file', `--out ${NO_FOLDER}`, 4],
    ['a run that is complete', '--run-id good', 2],
    ['a run id that is none', '--run-id ../x', 2],
    ['a step that the run does not have', '--stop-after 5 training.steps=2', 2],
    ['a backend that is not installed', '--backend gpu', 3],
    ['an unknown policy', '--env-policy nope', 2],
    ['a tracker that is no address', '--log-mlflow nope', 2],
  ],
  evaluate: [
    ['an unknown option', '--nope', 2],
    ['an unknown argument', 'extra', 2],
    ['an unknown key', 'training.sted=1', 2],
    ['a value of the wrong type', 'training.steps=many', 2],
    ['an unknown model', '--model nope', 2],
    ['an unknown version', '--model model-good:v9', 2],
    ['weights that are not there', '--model missing.safetensors', 4],
    ['a folder for the weights', '--model ./folder', 4],
    ['weights that are damaged', '--model model-good --out damaged', 5],
    ['an unknown data set', '--dataset nope', 2],
    ['an unknown benchmark', '--benchmark nope', 2],
    ['a configuration that is not there', '--config missing.yaml', 2],
    ['a broken configuration', '--config text.txt', 2],
    ['a configuration in broken JSON', '--config comma.json', 2],
    ['a folder for a configuration', '--config folder', 2],
    ['the configuration of a sweep', '--config sweep.yaml', 2],
    ['an unknown key in a file', '--config unknown-key.yaml', 2],
    ['an output folder without a model', '--out folder', 2],
    ['a run that is complete', '--run-id good', 2],
    ['a backend that is not installed', '--backend gpu', 3],
  ],
  sweep: [
    ['an unknown option', '--nope', 2],
    ['an unknown argument', 'extra', 2],
    ['nothing to search', '', 2],
    ['an unknown key', '--grid training.sted=1,2', 2],
    ['a value of the wrong type', '--grid training.steps=many,few', 2],
    ['a grid without a value', '--grid training.seed', 2],
    ['a grid without commas', '--grid training.seed=1 2', 2],
    ['a space that is none', '--random 2 --space training.learning_rate=uniform:2:1', 2],
    ['an unknown distribution', '--random 2 --space training.learning_rate=normal:0:1', 2],
    ['an unknown direction', '--grid training.seed=1,2 --direction up', 2],
    ['an unknown launcher', '--grid training.seed=1,2 --launcher nope', 2],
    ['a tag that is none', '--grid training.seed=1,2 --tag ../x', 2],
    ['a tag of another search', '--grid training.seed=3,4 --tag lr', 2],
    ['a tag that there is, for a new sweep', '--config search.yaml --tag lr --new', 2],
    ['a sweep that another process runs', '--config search.yaml --tag held', 2],
    ['a damaged search', '--config search.yaml --tag search --out damaged', 5],
    ['a damaged trial', '--config search.yaml --tag trial --out damaged', 5, 'reported'],
    ['a damaged outcome', '--config search.yaml --tag outcome --out damaged', 5, 'reported'],
    ['a damaged manifest', '--config search.yaml --tag whole --out damaged', 5],
    [
      'a Ray that does not answer',
      '--config search.yaml --launcher ray --ray-address http://127.0.0.1:9',
      6,
    ],
    ['a configuration that is not there', '--config missing.yaml', 2],
    ['a broken configuration', '--config text.txt', 2],
    ['a configuration in broken JSON', '--config comma.json', 2],
    ['a folder for a configuration', '--config folder', 2],
    ['the configuration of an evaluation', '--config evaluation.yaml', 2],
    ['an unknown key in a file', '--grid training.seed=1,2 --config unknown-key.yaml', 2],
    ['an output folder that is a file', '--grid training.seed=1,2 --out text.txt', 4],
    ['an output folder below a file', `--grid training.seed=1,2 --out ${NO_FOLDER}`, 4],
  ],
  'libtensorflow:install': [
    ['an unknown option', '--nope', 2],
    ['an unknown argument', 'extra', 2],
    ['an unknown variant', '--variant tpu', 2],
    ...installationMistakes(),
    ['options that say nothing together', '--variant cpu --uninstall --version 2.21.0', 2],
  ],
};

/** What programs do in a checkout whose environment lock is wrong; by its kind. */
export const ENVIRONMENT_MISTAKES: Readonly<
  Record<keyof typeof ENVIRONMENT_LOCKS, Readonly<Record<string, readonly Mistake[]>>>
> = {
  different: {
    'train sft': [['strict', '--env-policy strict', 3, 'reported']],
    evaluate: [['strict', '--model model-good --env-policy strict', 3, 'reported']],
    sweep: [['strict', '--config search.yaml --tag new --env-policy strict', 3, 'reported']],
  },
  damaged: lockMistakes(4),
  later: lockMistakes(3),
};

function lockMistakes(exitCode: number): Readonly<Record<string, readonly Mistake[]>> {
  const of = (args: string): Mistake[] => [
    ['by default', args, exitCode],
    ['strict', `${args} --env-policy strict`, exitCode],
  ];
  return {
    'train sft': of('--run-id new'),
    evaluate: of('--model model-good'),
    sweep: of('--config search.yaml --tag new'),
  };
}

/** Elsewhere the installation ends before it looks at a wheel: TensorFlow publishes none that it could link. */
function installationMistakes(): Mistake[] {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  return [
    ['an unknown version', '--variant cpu --version 1.0.0', 2],
    ['a hash that is none', '--variant cpu --sha256 nope', 2],
    ['a wheel that is none', '--variant cpu --wheel text.txt', 2],
    ['a folder for a wheel', '--variant cpu --wheel folder', 2],
    [
      'a wheel that is not there',
      '--variant cpu --wheel tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      4,
    ],
  ];
}
