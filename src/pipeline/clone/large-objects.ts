import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { LfsObject } from '../../github/lfs-batch.ts'
import { type LfsConfig, readLfsConfig } from '../../github/lfs-config.ts'
import { fetchLargeObjects } from '../../github/lfs-download.ts'

/** Keeps the contents in Git LFS that a run fetched for all of its sandboxes. Disposing of it removes them. */
export interface LargeObjects extends AsyncDisposable {
  /**
   * Fetches contents that are not kept yet.
   *
   * @returns by id, the file on the host, or the reason why the content could not be fetched.
   */
  get(objects: readonly LfsObject[], request: LargeRequest): Promise<ReadonlyMap<string, LargeObject>>
  config(request: LargeRequest): Promise<LfsConfig>
}

/** The reason why a content is missing, when no better one is known. */
export const NO_ANSWER = 'Git LFS did not answer as it should'

type LargeObject =
  | { readonly file: string; readonly why?: undefined }
  | { readonly file?: undefined; readonly why: string }

interface LargeRequest {
  readonly access: RepositoryAccess
  /** The commit whose `.lfsconfig` is used. */
  readonly sha: string
  /** `owner/name` of a fork that may have the contents as well. */
  readonly fork?: string | undefined
  readonly signal: AbortSignal
}

export function createLargeObjects(webUrl: string): LargeObjects {
  const known = new Map<string, Promise<LargeObject>>()
  let config: Promise<LfsConfig> | undefined
  let made: Promise<string> | undefined

  async function fetchThem(
    objects: readonly LfsObject[],
    { access, signal, fork }: LargeRequest,
  ): Promise<(oid: string) => LargeObject> {
    made ??= mkdtemp(join(tmpdir(), 'backspace-'))
    const directory = await made
    await using minted = await access.mintToken('read')
    const { repository } = access
    const request = { repository, webUrl, token: minted.token, signal, directory }
    const missing = new Map(await fetchLargeObjects(objects, request))
    const [owner, name] = fork?.split('/') ?? []
    if (missing.size > 0 && owner && name) {
      const rest = objects.filter(({ oid }) => missing.has(oid))
      const there = await fetchLargeObjects(rest, { ...request, repository: { owner, name } })
      for (const { oid } of rest) if (!there.has(oid)) missing.delete(oid)
    }
    return (oid) => {
      const why = missing.get(oid)
      return why === undefined ? { file: join(directory, oid) } : { why }
    }
  }

  return {
    async get(objects, request) {
      const fresh = objects.filter(({ oid }) => !known.has(oid))
      if (fresh.length > 0) {
        const fetched = fetchThem(fresh, request)
        for (const { oid } of fresh) {
          const object = fetched.then((of) => of(oid))
          // A failed fetch is forgotten, since it may succeed for another sandbox.
          object.catch(() => known.delete(oid))
          known.set(oid, object)
        }
      }
      const found = objects.map(async ({ oid }) => [oid, (await known.get(oid)) ?? UNKNOWN] as const)
      return new Map(await Promise.all(found))
    },
    config({ access, sha }) {
      config ??= readLfsConfig(access.octokit, { repository: access.repository, ref: sha, webUrl })
      config.catch(() => {
        config = undefined
      })
      return config
    },
    async [Symbol.asyncDispose]() {
      const directory = await made?.catch(() => undefined)
      if (directory !== undefined) await rm(directory, { recursive: true, force: true })
    },
  }
}

const UNKNOWN: LargeObject = { why: NO_ANSWER }
