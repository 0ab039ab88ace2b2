import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** What `npm run check:image` wrote when it last passed. */
export const IMAGE_LOCK = 'deploy/image.lock'

export interface ImageLock {
  /** `digestOfInputs` at that time. */
  readonly inputs: string
  /** The base that it was built on: the published one, or the stand-in. */
  readonly base: 'published' | 'stand-in'
  readonly megabytes: number
}

/**
 * SHA-256 of what says how the image is built. The packages and the product's own files are left out on purpose: most changes are
 * there, other tests cover them, and GitHub's workflow builds the image after them.
 */
export function digestOfInputs(): string {
  const hash = createHash('sha256')
  for (const file of ['Dockerfile', '.dockerignore'])
    hash.update(`${file}\0${readFileSync(join(ROOT, file), 'utf8')}\0`)
  return hash.digest('hex')
}

/** @throws {Error} where the file is missing. */
export function readImageLock(): ImageLock {
  return JSON.parse(readFileSync(join(ROOT, IMAGE_LOCK), 'utf8'))
}
