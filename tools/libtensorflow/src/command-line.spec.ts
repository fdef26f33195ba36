import { readArguments } from './command-line';
import { thrownBy } from '../test/thrown-by';

describe('readArguments()', () => {
  it('reads everything', () => {
    const line = '--variant gpu --version 2.21.0 --wheel a.whl --sha256 b --relink --json';

    expect(readArguments(line.split(' '))).toEqual({
      variant: 'gpu',
      version: '2.21.0',
      wheel: 'a.whl',
      sha256: 'b',
      isRelink: true,
      isUninstall: false,
      isJson: true,
    });
  });

  it.each(['--version 2.21.0', '--wheel a.whl', '--sha256 b', '--relink'])(
    'refuses %s for an uninstallation, to which it means nothing',
    (other) => {
      const argv = `--variant cpu --uninstall ${other}`.split(' ');

      expect(thrownBy(() => readArguments(argv))).toMatchObject({ exitCode: 2 });
      expect(readArguments(argv.slice(0, 3))).toMatchObject({ isUninstall: true });
    },
  );

  it('asks for the variant', () => {
    expect(thrownBy(() => readArguments([]))).toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining('--variant cpu') as unknown,
    });
  });

  it.each([['--variant', 'tpu'], ['--variant', 'cpu', '--version', 'latest'], ['cpu']])(
    'refuses %s %s',
    (...argv) => {
      expect(thrownBy(() => readArguments(argv))).toMatchObject({ code: 'COMMAND_LINE_INVALID' });
    },
  );

  it('prints help', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);

    expect(readArguments(['--help'])).toBeUndefined();

    expect(write.mock.calls.join('')).toContain('--variant NAME');
    write.mockRestore();
  });
});
