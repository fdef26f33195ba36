import { presentName, type Renaming } from '@pixelis/config';

/** Where the bare words of a command line stand: all but the options and the folder after `--out`. */
export function bareIndices(argv: readonly string[]): number[] {
  return argv.flatMap((arg, index) =>
    arg.startsWith('-') || argv[index - 1] === '--out' ? [] : [index],
  );
}

/** A command line that calls its command by its present name. */
export interface PresentCommand {
  readonly argv: readonly string[];
  /** One line for who called it by an old name. */
  readonly warning: string | undefined;
}

/** Calls a command that was renamed by its present name: for one release the old one works. */
export function presentCommand(
  argv: readonly string[],
  renamings: readonly Renaming[],
): PresentCommand {
  const indices = bareIndices(argv);
  const start = argv[indices[0] ?? -1] === 'help' ? 1 : 0;
  for (const count of [2, 1]) {
    const [first, ...others] = indices.slice(start, start + count);
    const asked = [first, ...others].map((index) => argv[index ?? -1]).join(' ');
    const { name, warning } = presentName(asked, renamings);
    if (first === undefined || warning === undefined) continue;
    const words = argv.flatMap((arg, index) => {
      if (index === first) return name.split(' ');
      return others.includes(index) ? [] : [arg];
    });
    return { argv: words, warning };
  }
  return { argv, warning: undefined };
}
