import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context } from 'hono'
import { z } from 'zod'
import type { RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'

const MEDIA_TYPE = 'application/vnd.git-lfs+json'

const LIFE_MS = 600_000

const verified = z.object({ oid: z.string(), size: z.int() })

const request = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string()).optional(),
  hash_algo: z.string().optional(),
  objects: z
    .array(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }))
    .min(1)
    .max(100),
})

/** Where an object of a repository is kept. */
export function objectPath(world: World, repository: Pick<RepositoryRecord, 'id'>, oid: string): string {
  return join(world.directory, 'lfs', String(repository.id), oid)
}

/** Who may send or fetch which object: what GitHub's storage reads from a signed address. */
interface Grant {
  readonly operation: 'upload' | 'download' | 'verify'
  readonly repository: RepositoryRecord
  readonly oid: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

/**
 * Git LFS: the batch API and a storage that takes exactly what was granted.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
export function createLfs(world: World) {
  const grants = new Map<string, Grant>()

  function grant(given: Omit<Grant, 'until'>) {
    const key = randomUUID()
    const until = world.now() + LIFE_MS
    grants.set(key, { ...given, until })
    const path = given.operation === 'verify' ? '/lfs-verify' : '/lfs-storage'
    return {
      href: `${world.url}${path}/${given.oid}`,
      header: { 'X-Storage-Grant': key },
      expires_in: LIFE_MS / 1000,
      expires_at: new Date(until).toISOString(),
    }
  }

  function granted(c: Context, operations: readonly Grant['operation'][]): Grant | undefined {
    const key = c.req.header('x-storage-grant') ?? ''
    const found = grants.get(key)
    // A storage takes its own credential alone.
    if (c.req.header('authorization') !== undefined || !found || found.until < world.now()) return undefined
    return found.oid === c.req.param('oid') && operations.includes(found.operation) ? found : undefined
  }

  return {
    /** @param refuse the answer if the caller may not push, or read. */
    async batch(
      c: Context,
      visit: (push: boolean) => { readonly refusal: Response } | { readonly repository: RepositoryRecord },
    ): Promise<Response> {
      if (c.req.header('accept') !== MEDIA_TYPE) return c.json({ message: 'Not Acceptable' }, 406)
      if (c.req.header('content-type')?.split(';')[0] !== MEDIA_TYPE)
        return c.json({ message: 'Unsupported' }, 415)
      const parsed = request.safeParse(await c.req.json().catch(() => undefined))
      if (!parsed.success || (parsed.data.hash_algo ?? 'sha256') !== 'sha256')
        return c.json({ message: 'Invalid request' }, 422)
      const { operation, objects } = parsed.data
      const visited = visit(operation === 'upload')
      if ('refusal' in visited) {
        const { status } = visited.refusal
        return c.json({ message: status === 404 ? 'Not Found' : 'Forbidden' }, status as 401 | 403 | 404)
      }
      const { repository } = visited
      const answers = objects.map(async ({ oid, size }) => {
        const kept = await sizeOf(objectPath(world, repository, oid))
        const isThere = kept !== undefined
        const given = { repository, oid, size }
        if (isThere && kept !== size)
          return { oid, size, error: { code: 422, message: 'Size does not match' } }
        if (operation === 'upload') {
          if (isThere) return { oid, size }
          const actions = {
            upload: grant({ ...given, operation }),
            verify: grant({ ...given, operation: 'verify' }),
          }
          return { oid, size, authenticated: true, actions }
        }
        if (!isThere)
          return { oid, size, error: { code: 404, message: 'Object does not exist on the server' } }
        return { oid, size, authenticated: true, actions: { download: grant({ ...given, operation }) } }
      })
      return c.json({ transfer: 'basic', objects: await Promise.all(answers), hash_algo: 'sha256' }, 200, {
        'content-type': MEDIA_TYPE,
      })
    },
    async store(c: Context): Promise<Response> {
      const found = granted(c, ['upload'])
      if (!found) return c.text('AccessDenied', 403)
      const bytes = Buffer.from(await c.req.arrayBuffer())
      const oid = createHash('sha256').update(bytes).digest('hex')
      if (oid !== found.oid || bytes.length !== found.size) return c.text('BadDigest', 400)
      await keepObject(world, found.repository, bytes)
      return c.body(null, 200)
    },
    async fetch(c: Context): Promise<Response> {
      const found = granted(c, ['download'])
      if (!found) return c.text('AccessDenied', 403)
      return c.body(new Uint8Array(await readFile(objectPath(world, found.repository, found.oid))))
    },
    async verify(c: Context): Promise<Response> {
      const found = granted(c, ['verify'])
      if (!found) return c.json({ message: 'Forbidden' }, 403)
      const given = verified.safeParse(await c.req.json().catch(() => undefined))
      if (!given.success || given.data.oid !== found.oid || given.data.size !== found.size)
        return c.json({ message: 'Invalid request' }, 422)
      const isThere = (await sizeOf(objectPath(world, found.repository, found.oid))) !== undefined
      return isThere ? c.body(null, 200) : c.json({ message: 'Not found' }, 404)
    },
  }
}

/** Keeps an object that people pushed before. @returns its id. */
export async function keepObject(
  world: World,
  repository: Pick<RepositoryRecord, 'id'>,
  content: string | Uint8Array,
): Promise<string> {
  const oid = createHash('sha256').update(content).digest('hex')
  const path = objectPath(world, repository, oid)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return oid
}

/** Undefined if there is no such file. */
function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}
