import { formatOrigin } from './config-error';
import { formatPath, leafPaths, valueAt } from './config-path';
import type { ConfigWithOrigins } from './extend-config';
import { onOneLine } from './printable';
import type { ResolvedConfig } from './resolve-config';
import { resolvedDocument } from './resolved-document';

/** How {@link printConfig} writes. */
export interface PrintConfigOptions {
  /** Whether to write what `config_resolved.json` holds, on one line, instead of columns. @default false */
  isJson?: boolean;
}

/** The text of `--print-config`: each value of a configuration and who set it, in aligned columns; it shows no secret. */
export function printConfig<Config>(
  resolved: Pick<ResolvedConfig<Config>, 'config' | 'origins' | 'secrets'>,
  { isJson = false }: PrintConfigOptions = {},
): string {
  const document = resolvedDocument(resolved);
  if (isJson) return `${JSON.stringify(document)}\n`;
  const rows = [['KEY', 'VALUE', 'ORIGIN'], ...rowsOf(document)];
  const [keyWidth = 0, valueWidth = 0] = [0, 1].map((column) => {
    return Math.max(...rows.map((row) => row[column]?.length ?? 0));
  });
  const lines = rows.map(([key = '', value = '', origin = '']) => {
    return `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${origin}\n`;
  });
  return lines.join('');
}

function rowsOf<Config>({ config, origins }: ConfigWithOrigins<Config>): string[][] {
  return leafPaths(config).map((path) => {
    const key = formatPath(path);
    const origin = origins[key];
    const value = onOneLine(JSON.stringify(valueAt(config, path)));
    return [onOneLine(key), value, origin === undefined ? '-' : formatOrigin(origin)];
  });
}
