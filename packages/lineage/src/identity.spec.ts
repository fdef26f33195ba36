import { gitUri, packageUrl } from './identity';

describe('gitUri', () => {
  it.each([
    ['https://example.org/a.git', 'git+https://example.org/a.git@1a2b'],
    ['ssh://git@example.org/a.git', 'git+ssh://git@example.org/a.git@1a2b'],
    ['git@example.org:group/a.git', 'git+ssh://git@example.org/group/a.git@1a2b'],
    ['example.org:/srv/a.git', 'git+ssh://example.org/srv/a.git@1a2b'],
  ])('gitUri() of %s is %s', (remote, uri) => {
    expect(gitUri({ remote, commit: '1a2b', is_dirty: null })).toBe(uri);
  });

  it.each([null, '/srv/a.git', '../a', 'C:\\a', 'C:/a', 'no address', ''])(
    'gitUri() of %p is null',
    (remote) => {
      expect(gitUri({ remote, commit: '1a2b', is_dirty: null })).toBeNull();
    },
  );

  it('gitUri() needs a commit', () => {
    expect(
      gitUri({ remote: 'https://example.org/a.git', commit: null, is_dirty: null }),
    ).toBeNull();
    expect(gitUri(null)).toBeNull();
  });
});

describe('packageUrl', () => {
  it.each([
    ['zod', '4.6.7', 'pkg:npm/zod@4.6.7'],
    ['@pixelis/core', '0.1.0', 'pkg:npm/%40pixelis/core@0.1.0'],
    ['odd name', '1.0.0+a', 'pkg:npm/odd%20name@1.0.0%2Ba'],
    ['zod', '', 'pkg:npm/zod'],
  ])('packageUrl() of %s %s is %s', (name, version, url) => {
    expect(packageUrl(name, version)).toBe(url);
  });
});
