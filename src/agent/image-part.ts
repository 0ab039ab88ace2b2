import type { ImagePart } from '../models/transcript.ts'

/** The largest image that every provider takes, in bytes. */
export const MAX_IMAGE_BYTES = 3.75 * 1024 * 1024

/** By its first bytes: the name of a file says nothing about what a provider will accept. */
export function imagePart(bytes: Uint8Array): ImagePart | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  const mediaType = start.startsWith('\x89PNG\r\n')
    ? 'image/png'
    : start.startsWith('\xff\xd8\xff')
      ? 'image/jpeg'
      : /^GIF8[79]a/.test(start)
        ? 'image/gif'
        : /^RIFF[\s\S]{4}WEBP/.test(start)
          ? 'image/webp'
          : undefined
  return mediaType && { type: 'image', mediaType, base64: Buffer.from(bytes).toString('base64') }
}
