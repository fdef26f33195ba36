import { helpText, parseCommandLine } from '@pixelis/config';
import { runProgram } from '@pixelis/core';
import { requirePositive } from './command-line';
import type { LinePeer } from './line-peer';
import { type Side, sideName, startSide } from './side';
import { least, median } from './statistics';
import { startTorch, type TorchOptions } from './torch-peer';
import { CARD_MODELS, type VitModel } from './vit-models';

const definition = {
  program: 'bench:gpu',
  summary: 'Images a second of ViT training at 224 px beside PyTorch on the same card, in turns',
  takesOverrides: false,
  options: {
    model: {
      kind: 'text',
      help: 'What is trained',
      choices: CARD_MODELS.map(({ name }) => name),
      default: 'ViT-S/16',
    },
    precision: {
      kind: 'text',
      help: 'How matrices are multiplied: f32 is TF32 on cards that have it; bf16 needs --compile',
      choices: ['f32', 'bf16'],
      default: 'f32',
    },
    compile: { kind: 'flag', help: 'Our steps compiled by XLA' },
    batch: { kind: 'integer', placeholder: 'N', help: 'Images of a step', default: '64' },
    steps: { kind: 'integer', placeholder: 'N', help: 'Steps of a turn', default: '10' },
    rounds: { kind: 'integer', placeholder: 'N', help: 'Turns of each side', default: '5' },
    'no-torch': { kind: 'flag', help: 'Our side alone' },
    device: {
      kind: 'text',
      help: 'cpu tries the comparison itself out where there is no card',
      choices: ['gpu', 'cpu'],
      default: 'gpu',
    },
    help: { kind: 'flag', help: 'Print this text' },
  },
} as const;

/** One side: how it is started, and what its steps took. */
interface Runner {
  readonly name: string;
  readonly start: () => Promise<LinePeer>;
}

void runProgram(async () => {
  const line = parseCommandLine(process.argv.slice(2), definition);
  if (line.flag('help')) {
    process.stdout.write(helpText(definition));
    return;
  }
  const [batch = 1, steps = 1, rounds = 1] = (['batch', 'steps', 'rounds'] as const).map((name) =>
    line.number(name),
  );
  requirePositive({ '--batch': batch, '--steps': steps, '--rounds': rounds });
  const found = CARD_MODELS.find(({ name }) => name === line.text('model'));
  if (found === undefined) throw new TypeError('Cannot compare: there is no model');
  const model = { ...found, batch };
  const isCard = line.text('device') !== 'cpu';
  const isBf16 = line.text('precision') === 'bf16';
  const side: Side = {
    model: { name: model.name, batch, config: model.config },
    backend: isCard ? 'gpu' : 'cpu',
    shards: 1,
    threads: 2,
    isCompiled: line.flag('compile'),
    precision: isBf16 ? 'bf16' : 'f32',
  };
  const runners: Runner[] = [
    { name: sideName(side), start: () => startSide(side) },
    ...(line.flag('no-torch') ? [] : torchRunners(model, { isCard, isBf16 })),
  ];
  await compare(runners, { batch, steps, rounds });
});

function torchRunners(
  model: VitModel,
  { isCard, isBf16 }: { readonly isCard: boolean; readonly isBf16: boolean },
): Runner[] {
  const exact = isCard ? 'tf32' : 'f32';
  const options: TorchOptions = {
    threads: 2,
    device: isCard ? 'cuda' : 'cpu',
    precision: isBf16 ? 'bf16' : exact,
  };
  return [false, true].map((isCompiled) => ({
    name: `PyTorch ${isCompiled ? 'compiled' : 'eager'} ${options.precision}`,
    start: () => startTorch(model, { ...options, isCompiled }),
  }));
}

async function compare(
  runners: readonly Runner[],
  { batch, steps, rounds }: Record<'batch' | 'steps' | 'rounds', number>,
): Promise<void> {
  const started: { name: string; peer: LinePeer; milliseconds: number[] }[] = [];
  try {
    for (const { name, start } of runners) {
      const peer = await start();
      console.log(`${name}: ${peer.description}`);
      started.push({ name, peer, milliseconds: [] });
    }
    // The first steps compile.
    for (const { peer } of started) await peer.steps(3);
    for (let round = 0; round < rounds; round++) {
      for (const { peer, milliseconds } of started) milliseconds.push(...(await peer.steps(steps)));
    }
  } finally {
    for (const { peer } of started) peer.stop();
  }
  const [ours, ...others] = started;
  if (ours === undefined) return;
  console.log(`\nbatch ${batch}`);
  for (const { name, milliseconds } of started) {
    const [middle, best] = [median(milliseconds), least(milliseconds)];
    const rates = [middle, best].map((time) => ((1000 * batch) / time).toFixed(1));
    console.log(
      `${name.padEnd(22)} ${rates[0]} images/s (${middle.toFixed(1)} ms), at best ${rates[1]}`,
    );
  }
  for (const { name, milliseconds } of others) {
    const ratio = median(ours.milliseconds) / median(milliseconds);
    const goal = name.includes('compiled') ? 1.2 : 1;
    console.log(`ratio: ${ratio.toFixed(2)} to ${name} (goal ${goal})`);
  }
}
