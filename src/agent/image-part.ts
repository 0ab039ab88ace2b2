import type { ImagePart } from '../models/transcript.ts'

/** The largest image that every provider takes, in bytes. */
export const MAX_IMAGE_BYTES = 3.75 * 1024 * 1024
/** The longest side that every provider takes, in pixels: https://platform.claude.com/docs/en/build-with-claude/vision. */
const MAX_SIDE = 8000

type MediaType = ImagePart['mediaType']

/**
 * Turns the bytes of a file into an image for a model. The first bytes decide, since a file name says nothing about what
 * a provider accepts. An image that a provider refuses would stay in the transcript and break every later request, so
 * such an image is a problem here.
 *
 * @returns undefined when the bytes are no image of a kind that models read; a problem, worded to follow the name of
 * the file, when the image is too large or damaged.
 */
export function imagePart(bytes: Uint8Array): ImagePart | { readonly problem: string } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mediaType = mediaTypeOf(buffer)
  if (!mediaType) return undefined
  if (buffer.length > MAX_IMAGE_BYTES) {
    return { problem: `is an image of ${buffer.length} bytes, and at most 3.75 MB can be shown` }
  }
  const size = READERS[mediaType](buffer)
  if (!size || size.width < 1 || size.height < 1) return { problem: 'is an image that is damaged or cut off' }
  const { width, height } = size
  if (Math.max(width, height) > MAX_SIDE) {
    return {
      problem: `is an image of ${width} × ${height} pixels, and at most ${MAX_SIDE} a side can be shown`,
    }
  }
  return { type: 'image', mediaType, base64: buffer.toString('base64') }
}

function mediaTypeOf(buffer: Buffer): MediaType | undefined {
  const start = buffer.toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG\r\n')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(start)) return 'image/gif'
  return /^RIFF[\s\S]{4}WEBP/.test(start) ? 'image/webp' : undefined
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Reads the width and height in pixels; undefined when the start or the end of the image is missing. */
const READERS: Readonly<Record<MediaType, (buffer: Buffer) => Size | undefined>> = {
  'image/png'(buffer) {
    if (buffer.length < 33 || !buffer.includes('IEND', 33, 'latin1')) return undefined
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) }
  },
  'image/jpeg'(buffer) {
    for (let at = 2; at + 9 <= buffer.length && buffer[at] === 0xff; ) {
      const marker = buffer.readUInt8(at + 1)
      if (isFrame(marker)) {
        const size = { width: buffer.readUInt16BE(at + 7), height: buffer.readUInt16BE(at + 5) }
        return buffer.includes('\xff\xd9', at, 'latin1') ? size : undefined
      }
      at += marker === 0xff ? 1 : 2 + buffer.readUInt16BE(at + 2)
    }
    return undefined
  },
  'image/gif'(buffer) {
    if (buffer.length < 14 || buffer.lastIndexOf(0x3b) < 13) return undefined
    return { width: buffer.readUInt16LE(6), height: buffer.readUInt16LE(8) }
  },
  'image/webp'(buffer) {
    if (buffer.length < 30 || buffer.readUInt32LE(4) + 8 > buffer.length) return undefined
    switch (buffer.toString('latin1', 12, 16)) {
      case 'VP8X':
        return { width: buffer.readUIntLE(24, 3) + 1, height: buffer.readUIntLE(27, 3) + 1 }
      case 'VP8 ':
        return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff }
      case 'VP8L': {
        const bits = buffer.readUInt32LE(21)
        return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
      }
      default:
        return undefined
    }
  },
}

/** Whether a JPEG marker is a start of frame (C0 to CF); C4, C8 and CC in that range mean other things. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}
