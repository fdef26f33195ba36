import {
  completionXml,
  parseS3Error,
  parseS3Listing,
  parseS3Parts,
  parseS3Uploads,
} from './s3-xml';

describe('parseS3Listing', () => {
  it('reads the keys of a page as they are, whatever characters they hold', () => {
    const xml =
      '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<IsTruncated>true</IsTruncated><NextContinuationToken>t=</NextContinuationToken>' +
      '<Contents><Key>a &amp; b/&#34;c&#39;&lt;d&gt;.txt</Key><Size>12</Size></Contents>' +
      '<Contents><Key>&amp;amp;&amp;#34; 007</Key><Size>0</Size></Contents></ListBucketResult>';
    expect(parseS3Listing(xml, 's3://x')).toEqual({
      objects: [
        { key: 'a & b/"c\'<d>.txt', bytes: 12 },
        { key: '&amp;&#34; 007', bytes: 0 },
      ],
      next: 't=',
    });
  });

  it('reads an empty page, and throws for what is none', () => {
    const xml = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
    expect(parseS3Listing(xml, 's3://x')).toEqual({ objects: [], next: null });
    expect(() => parseS3Listing('<html></html>', 's3://x')).toThrow(/not of its protocol/);
  });
});

describe('parseS3Uploads', () => {
  it('gives the newest upload first', () => {
    const upload = (id: string, time: string) =>
      `<Upload><Key>k</Key><UploadId>${id}</UploadId><Initiated>${time}</Initiated></Upload>`;
    const xml = `<ListMultipartUploadsResult>${upload('1', '2026-01-01T00:00:00Z')}${upload('2', '2026-01-02T00:00:00Z')}</ListMultipartUploadsResult>`;
    expect(parseS3Uploads(xml, 's3://x').map(({ uploadId }) => uploadId)).toEqual(['2', '1']);
  });
});

describe('parseS3Parts', () => {
  it('reads a tag whose quotes are written as numbers', () => {
    const xml =
      '<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>&#34;0f&#34;</ETag><Size>5</Size></Part></ListPartsResult>';
    expect(parseS3Parts(xml, 's3://x').parts).toEqual([{ number: 1, etag: '"0f"', bytes: 5 }]);
  });
});

describe('parseS3Error', () => {
  it('reads an error, and nothing else', () => {
    expect(parseS3Error('<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>')).toEqual({
      code: 'NoSuchKey',
      message: 'gone',
    });
    expect(parseS3Error('')).toBeNull();
    expect(parseS3Error('<CompleteMultipartUploadResult/>')).toBeNull();
  });
});

describe('completionXml', () => {
  it('escapes what a tag may hold', () => {
    expect(completionXml([{ number: 1, etag: '"a&b<"' }])).toBe(
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&amp;b&lt;&quot;</ETag></Part></CompleteMultipartUpload>',
    );
  });
});
