const { createHash } = require('node:crypto');

/** Every seventh content is long enough to be cut into chunks; neighbours among those share some. */
function contentOf(index) {
  const small = Buffer.from(`content ${index} `.repeat(1 + (index % 50)));
  if (index % 7 !== 0) return small;
  const long = Buffer.alloc(5 << 20);
  for (let part = 0; part < 5; part++) {
    const seed = part < 4 ? part : index;
    const block = createHash('sha256').update(`block ${seed}`).digest();
    long.fill(block, part << 20, (part + 1) << 20);
  }
  return Buffer.concat([long, small]);
}

module.exports = { contentOf };
