import { philox4x32, type Words2, type Words4 } from './philox';

describe('philox4x32()', () => {
  // The known answers of Random123's kat_vectors.
  const f = 0xffffffff;
  const cases: [name: string, counter: Words4, key: Words2, answer: Words4][] = [
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    ['ones', [f, f, f, f], [f, f], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      'digits of pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];

  it.each(cases)('philox4x32() gives the published answer for %s', (_, counter, key, answer) => {
    const out = new Uint32Array(4);
    philox4x32(counter, key, out);
    expect([...out]).toEqual(answer);
  });
});
