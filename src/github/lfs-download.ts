import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import {
  askLfsBatch,
  carryOutLfsAction,
  type LfsAnswer,
  type LfsObject,
  LfsRefusal,
  type LfsRequest,
  whyRefused,
} from './lfs-batch.ts'

/** How many objects are downloaded at once. */
const AT_ONCE = 4
/** Statuses with which various storages answer when an address has expired. */
const EXPIRED = [400, 401, 403, 410]

/**
 * Downloads objects of the repository's Git LFS, each into a file that is named after its id. Only an object with the
 * size and the checksum of its pointer is kept.
 *
 * @param into.directory directory on the host.
 * @returns for each object that could not be fetched, the reason as the end of a sentence.
 */
export async function fetchLargeObjects(
  objects: readonly LfsObject[],
  { directory, ...request }: LfsRequest & { readonly directory: string },
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>()
  const miss = (oid: string, error: unknown) => {
    request.signal.throwIfAborted()
    missing.set(oid, whyRefused(error, 'download'))
  }
  const ask = (wanted: readonly LfsObject[]) => askLfsBatch('download', wanted, request)
  try {
    const answers = objects.length === 0 ? new Map() : await ask(objects)
    const left = [...objects]
    async function fetchNext(): Promise<void> {
      for (let object = left.shift(); object !== undefined; object = left.shift()) {
        const { oid } = object
        const given = { ...object, file: `${directory}/${oid}` }
        await receive(given, answers.get(oid), request)
          .catch(async (error: unknown) => {
            if (
              !(error instanceof LfsRefusal && EXPIRED.includes(error.status)) ||
              !answers.get(oid)?.actions
            )
              throw error
            await receive(given, (await ask([given])).get(oid), request)
          })
          .catch((error: unknown) => miss(oid, error))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, fetchNext))
  } catch (error) {
    for (const { oid } of objects) miss(oid, error)
  }
  return missing
}

async function receive(
  { oid, size, file }: LfsObject & { readonly file: string },
  answer: LfsAnswer | undefined,
  request: LfsRequest,
): Promise<void> {
  const place = answer?.actions?.download
  if (answer?.error || !place) throw new LfsRefusal(answer?.error?.code ?? 0)
  const response = await carryOutLfsAction(place, { method: 'GET' }, request)
  const part = `${file}.part`
  try {
    await receiveInto(part, { oid, size }, response)
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}

async function receiveInto(part: string, { oid, size }: LfsObject, { body }: Response): Promise<void> {
  const hash = createHash('sha256')
  let received = 0
  await using file = await open(part, 'wx', 0o600)
  for await (const chunk of body ?? []) {
    received += chunk.length
    if (received > size) throw new LfsRefusal(0)
    hash.update(chunk)
    await file.write(chunk)
  }
  if (received !== size || hash.digest('hex') !== oid) throw new LfsRefusal(0)
}
