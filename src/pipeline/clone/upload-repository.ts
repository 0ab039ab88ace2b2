import { randomUUID } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IncomingPack } from '../workspace/build-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type FetchRequest, type FoundPack, findPacks, withFetched } from './fetched-repository.ts'

const PART_BYTES = 4 * 1024 * 1024

/** How many parts are uploaded at the same time. */
const AT_ONCE = 4

/**
 * Fetches the commits of the workspace's base on the host and uploads them into the sandbox.
 *
 * @returns the packs in the sandbox, which `buildWorkspace` unpacks.
 * @throws {BackspaceError} `clone_failed`
 */
export async function uploadRepository(workspace: Workspace, request: FetchRequest): Promise<IncomingPack> {
  return withFetched(workspace.base, request, (directory) =>
    uploadPacks(directory, workspace, request.signal),
  )
}

/** @param directory a directory of the host with the packs. */
export async function uploadPacks(
  directory: string,
  { sandbox, gitDir }: Pick<Workspace, 'sandbox' | 'gitDir'>,
  signal: AbortSignal,
): Promise<IncomingPack> {
  const packs = await findPacks(directory)
  // A random name, since an earlier run's setup may have left files at any known path of a cached sandbox.
  const incoming = `${gitDir}.${randomUUID()}`
  const readText = (name: string) => readFile(join(directory, name), 'utf8').catch(() => '')
  const [shallow, refs] = await Promise.all([readText('shallow'), readText('packed-refs')])
  const parts = packs.flatMap((pack, number) =>
    Array.from({ length: Math.ceil(pack.size / PART_BYTES) }, (_, index) => ({ pack, number, index })),
  )
  async function sendParts(): Promise<void> {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      signal.throwIfAborted()
      const { pack, number, index } = part
      const bytes = await readPart(pack, index)
      const name = `${number}.${String(index).padStart(5, '0')}`
      await sandbox.writeFile(`${incoming}/${name}`, bytes, { signal, isNew: true })
    }
  }
  await Promise.all([
    ...Array.from({ length: AT_ONCE }, sendParts),
    refs !== '' && sandbox.writeFile(`${incoming}/refs`, Buffer.from(refs), { signal, isNew: true }),
  ])
  return { directory: incoming, shallow }
}

async function readPart({ path, size }: FoundPack, index: number): Promise<Uint8Array> {
  // Sized to what is left: most packs are far smaller than a part, and many runs may upload at once.
  const part = new Uint8Array(Math.min(PART_BYTES, size - index * PART_BYTES))
  await using file = await open(path)
  await file.read(part, 0, part.length, index * PART_BYTES)
  return part
}
