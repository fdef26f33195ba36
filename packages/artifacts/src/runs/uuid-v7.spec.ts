import { z } from 'zod';
import { uuidV7 } from './uuid-v7';

describe('uuidV7', () => {
  it('uuidV7() holds the time of the example in RFC 9562, appendix A.6', () => {
    const uuid = uuidV7({ now: new Date('2022-02-22T19:22:22.000Z') });
    expect(uuid.slice(0, 15)).toBe('017f22e2-79b0-7');
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('uuidV7() is a UUID of version 7 to zod, and a new one each time', () => {
    const uuids = Array.from({ length: 100 }, () => uuidV7());
    for (const uuid of uuids) expect(z.uuidv7().safeParse(uuid).success).toBe(true);
    expect(new Set(uuids).size).toBe(100);
  });

  it('uuidV7() sorts by time', () => {
    const earlier = uuidV7({ now: new Date(1_000_000) });
    expect(earlier < uuidV7({ now: new Date(1_000_001) })).toBe(true);
  });
});
