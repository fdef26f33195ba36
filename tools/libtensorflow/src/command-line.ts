import { helpText, parseCommandLine } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import type { NativeVariant } from '@pixelis/native';
import { pinnedVersions } from './installation-plan';

/** What the command is told. */
export interface InstallArguments {
  readonly variant: NativeVariant;
  readonly version: string | undefined;
  readonly wheel: string | undefined;
  readonly sha256: string | undefined;
  readonly isUninstall: boolean;
  /** Install even where something works. */
  readonly isRelink: boolean;
  readonly isJson: boolean;
}

const definition = {
  program: 'libtensorflow:install',
  summary: "Installs TensorFlow's native library, and links the addon of TensorFlow.js against it",
  takesOverrides: false,
  options: {
    variant: {
      kind: 'text',
      help: 'For the CPU (about 0.9 GB), or for CUDA 12 too (about 6 GB)',
      choices: ['cpu', 'gpu'],
    },
    version: {
      kind: 'text',
      placeholder: 'V',
      help: `Version of TensorFlow: ${pinnedVersions('cpu', 'x64').join(', ')}`,
      pattern: /^\d+\.\d+\.\d+$/,
    },
    wheel: {
      kind: 'text',
      placeholder: 'FILE',
      help: "TensorFlow's wheel, fetched before; otherwise pip fetches it",
    },
    sha256: {
      kind: 'text',
      placeholder: 'HEX',
      help: "The wheel's hash, needed where this program does not know it",
    },
    relink: { kind: 'flag', help: 'Link again, also where an addon works already' },
    uninstall: { kind: 'flag', help: 'Remove what was installed for the variant' },
    json: { kind: 'flag', help: 'Print the result as one JSON object' },
    help: { kind: 'flag', help: 'Print this text' },
  },
} as const;

/**
 * Reads the command line; undefined where it asks for help, which is printed.
 *
 * @throws {UsageError} If it is wrong.
 */
export function readArguments(argv: readonly string[]): InstallArguments | undefined {
  const line = parseCommandLine(argv, definition);
  if (line.flag('help')) {
    process.stdout.write(helpText(definition));
    return undefined;
  }
  const variant = line.text('variant');
  if (variant === undefined) {
    throw new UsageError('--variant is missing', {
      code: 'COMMAND_LINE_INVALID',
      remedy: 'add --variant cpu, or --variant gpu for a GPU of NVIDIA',
    });
  }
  if (line.flag('uninstall')) requireAlone(line);
  return {
    variant: variant === 'gpu' ? 'gpu' : 'cpu',
    version: line.text('version'),
    wheel: line.text('wheel'),
    sha256: line.text('sha256'),
    isUninstall: line.flag('uninstall'),
    isRelink: line.flag('relink'),
    isJson: line.flag('json'),
  };
}

/** What is to be removed needs no wheel: an option that would do nothing is refused. */
function requireAlone(line: ReturnType<typeof parseCommandLine>): void {
  const texts = (['version', 'wheel', 'sha256'] as const).filter(
    (name) => line.text(name) !== undefined,
  );
  const [other] = [...texts, ...(line.flag('relink') ? ['relink'] : [])];
  if (other === undefined) return;
  throw new UsageError(`--uninstall removes the whole variant: --${other} says nothing about it`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: `leave out --${other}`,
  });
}
