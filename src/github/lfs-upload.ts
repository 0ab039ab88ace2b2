import {
  askLfsBatch,
  carryOutLfsAction,
  LFS_MEDIA_TYPE,
  type LfsAnswer,
  LfsRefusal,
  type LfsRequest,
  whyRefused,
} from './lfs-batch.ts'

/** A file of Git LFS: its pointer's id, and its content. */
interface LargeObject {
  /** SHA-256 of the content, hexadecimal. */
  readonly oid: string
  readonly bytes: Uint8Array
}

/**
 * Uploads objects to the repository's Git LFS. An object that is stored already is not sent, so a repeat does no harm.
 *
 * @returns for each object that could not be stored, the reason as the end of a sentence.
 */
export async function storeLargeObjects(
  objects: readonly LargeObject[],
  request: LfsRequest,
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  const wanted = new Map(objects.map((object) => [object.oid, object]))
  if (wanted.size === 0) return refused
  const refuse = (oid: string, error: unknown) => {
    request.signal.throwIfAborted()
    refused.set(oid, whyRefused(error, 'upload'))
  }
  try {
    const sizes = [...wanted.values()].map(({ oid, bytes }) => ({ oid, size: bytes.length }))
    const answers = await askLfsBatch('upload', sizes, request)
    for (const object of wanted.values())
      await send(object, answers.get(object.oid), request).catch((error) => refuse(object.oid, error))
  } catch (error) {
    for (const oid of wanted.keys()) refuse(oid, error)
  }
  return refused
}

async function send(
  { oid, bytes }: LargeObject,
  answer: LfsAnswer | undefined,
  request: LfsRequest,
): Promise<void> {
  if (answer === undefined || answer.error) throw new LfsRefusal(answer?.error?.code ?? 0)
  const { upload, verify } = answer.actions ?? {}
  // Without an upload action, the server has the object already.
  if (!upload) return
  const content = { 'content-type': 'application/octet-stream' }
  await carryOutLfsAction(upload, { method: 'PUT', headers: content, body: Buffer.from(bytes) }, request)
  if (!verify) return
  const headers = { accept: LFS_MEDIA_TYPE, 'content-type': LFS_MEDIA_TYPE }
  const body = JSON.stringify({ oid, size: bytes.length })
  await carryOutLfsAction(verify, { method: 'POST', headers, body }, request)
}
