import {
  compareVersions,
  formatVersion,
  parseVersion,
  raiseVersion,
  showVersion,
} from './semantic-version';

describe('parseVersion()', () => {
  it('reads full versions, and vN for N.0.0', () => {
    expect(parseVersion('1.20.3')).toEqual([1, 20, 3]);
    expect(parseVersion('v2')).toEqual([2, 0, 0]);
    expect(parseVersion('0.0.0')).toEqual([0, 0, 0]);
  });

  it.each([
    '',
    'v',
    '1',
    '1.2',
    'v1.2',
    '01.0.0',
    'v01',
    '1.0.0-rc',
    ' 1.0.0',
    '1.0.0\n',
    '-1.0.0',
    '1e3.0.0',
    '9999999999.0.0',
  ])('takes %j for no version', (text) => expect(parseVersion(text)).toBeNull());
});

describe('showVersion()', () => {
  it('shows vN for N.0.0 and anything else as it is', () => {
    expect(['2.0.0', '2.1.0', '2.0.1', 'best'].map(showVersion)).toEqual([
      'v2',
      '2.1.0',
      '2.0.1',
      'best',
    ]);
  });
});

describe('raiseVersion()', () => {
  it('sets the parts behind the raised one to 0, and always comes later', () => {
    const version = [1, 2, 3] as const;
    const raised = (['major', 'minor', 'patch'] as const).map((bump) =>
      raiseVersion(version, bump),
    );
    expect(raised.map(formatVersion)).toEqual(['2.0.0', '1.3.0', '1.2.4']);
    for (const later of raised) expect(compareVersions(version, later)).toBeLessThan(0);
  });
});

describe('compareVersions()', () => {
  it('orders by number, not by text', () => {
    const sorted = ['10.0.0', '9.9.9', '9.10.0', '9.9.10']
      .map((text) => parseVersion(text)!)
      .sort(compareVersions);
    expect(sorted.map(formatVersion)).toEqual(['9.9.9', '9.9.10', '9.10.0', '10.0.0']);
  });
});
