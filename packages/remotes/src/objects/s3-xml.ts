import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { unexpectedAnswerError } from '../http/remote-errors';

const LISTS = new Set(['Contents', 'Upload', 'Part']);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  // Servers write quotes as numbers (&#34;), which XML itself knows but the parser counts to those of HTML.
  htmlEntities: true,
  isArray: (name) => LISTS.has(name),
});

const text = z.string().default('');

const listingSchema = z.object({
  ListBucketResult: z.object({
    IsTruncated: text,
    NextContinuationToken: text,
    Contents: z.array(z.object({ Key: z.string(), Size: z.coerce.number() })).default([]),
  }),
});

const uploadsSchema = z.object({
  ListMultipartUploadsResult: z.object({
    Upload: z
      .array(z.object({ Key: z.string(), UploadId: z.string(), Initiated: text }))
      .default([]),
  }),
});

const partsSchema = z.object({
  ListPartsResult: z.object({
    IsTruncated: text,
    NextPartNumberMarker: text,
    Part: z
      .array(z.object({ PartNumber: z.coerce.number(), ETag: z.string(), Size: z.coerce.number() }))
      .default([]),
  }),
});

const begunSchema = z.object({
  InitiateMultipartUploadResult: z.object({ UploadId: z.string().min(1) }),
});

const errorSchema = z.object({ Error: z.object({ Code: z.string(), Message: text }) });

/** One page of a bucket; `next` is null on the last. */
export function parseS3Listing(
  xml: string,
  address: string,
): { objects: { key: string; bytes: number }[]; next: string | null } {
  const { Contents, IsTruncated, NextContinuationToken } = parse(
    xml,
    listingSchema,
    address,
  ).ListBucketResult;
  return {
    objects: Contents.map(({ Key, Size }) => ({ key: Key, bytes: Size })),
    next: IsTruncated === 'true' && NextContinuationToken !== '' ? NextContinuationToken : null,
  };
}

/** Uploads in parts that were begun and not ended, the newest first. */
export function parseS3Uploads(xml: string, address: string): { key: string; uploadId: string }[] {
  return parse(xml, uploadsSchema, address)
    .ListMultipartUploadsResult.Upload.sort((a, b) => (a.Initiated < b.Initiated ? 1 : -1))
    .map(({ Key, UploadId }) => ({ key: Key, uploadId: UploadId }));
}

/** One page of the parts that an upload has. */
export function parseS3Parts(
  xml: string,
  address: string,
): { parts: { number: number; etag: string; bytes: number }[]; next: string | null } {
  const { Part, IsTruncated, NextPartNumberMarker } = parse(
    xml,
    partsSchema,
    address,
  ).ListPartsResult;
  return {
    parts: Part.map(({ PartNumber, ETag, Size }) => ({
      number: PartNumber,
      etag: ETag,
      bytes: Size,
    })),
    next: IsTruncated === 'true' && NextPartNumberMarker !== '' ? NextPartNumberMarker : null,
  };
}

/** The id of an upload that has begun. */
export function parseS3Begun(xml: string, address: string): string {
  return parse(xml, begunSchema, address).InitiateMultipartUploadResult.UploadId;
}

/** An error, which may also come with a status of success; null if the answer is none. */
export function parseS3Error(xml: string): { code: string; message: string } | null {
  try {
    const { Code, Message } = errorSchema.parse(parser.parse(xml)).Error;
    return { code: Code, message: Message };
  } catch {
    return null;
  }
}

/** The body that ends an upload in parts. */
export function completionXml(parts: readonly { number: number; etag: string }[]): string {
  const members = parts.map(({ number, etag }) => {
    const escaped = etag.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escaped}</ETag></Part>`;
  });
  return `<CompleteMultipartUpload>${members.join('')}</CompleteMultipartUpload>`;
}

function parse<Schema extends z.ZodType>(
  xml: string,
  schema: Schema,
  address: string,
): z.infer<Schema> {
  try {
    return schema.parse(parser.parse(xml));
  } catch (cause) {
    throw unexpectedAnswerError(address, cause);
  }
}
