import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Commits that one run fetched, for all of its sandboxes. Disposing removes them. */
export interface KeptPacks extends AsyncDisposable {
  /**
   * Works with a commit that was fetched already, or fetches it.
   *
   * @param of.id of repository and commit.
   * @param of.fetch into an empty private directory of the host. @returns bytes.
   * @throws what `fetch` and `work` throw.
   */
  use<T>(
    of: { readonly id: string; readonly fetch: (directory: string) => Promise<number> },
    work: (directory: string) => Promise<T>,
  ): Promise<T>
}

/** A larger one is fetched again rather than left on the host's disk for as long as the run takes. */
const MOST_KEPT_BYTES = 256 * 1024 * 1024

export function createKeptPacks(mostBytes: number = MOST_KEPT_BYTES): KeptPacks {
  /** Directories; undefined for what is too large. */
  const kept = new Map<string, Promise<string | undefined>>()

  return {
    async use({ id, fetch }, work) {
      for (let pending = kept.get(id); pending !== undefined; pending = kept.get(id)) {
        const known = await pending
        if (known !== undefined) return work(known)
        if (kept.get(id) === pending) break // Too large.
      }
      const fetched = mkdtemp(join(tmpdir(), 'backspace-')).then(async (directory) => {
        try {
          return { directory, bytes: await fetch(directory) }
        } catch (error) {
          await remove(directory)
          throw error
        }
      })
      const isFirst = !kept.has(id)
      const toKeep = fetched.then(
        ({ directory, bytes }) => (bytes > mostBytes ? undefined : directory),
        () => void (isFirst && kept.delete(id)),
      )
      if (isFirst) kept.set(id, toKeep)
      const { directory, bytes } = await fetched
      if (isFirst && bytes <= mostBytes) return await work(directory)
      try {
        return await work(directory)
      } finally {
        await remove(directory)
      }
    },
    async [Symbol.asyncDispose]() {
      const directories = await Promise.all(kept.values())
      await Promise.all(directories.map((directory) => directory && remove(directory)))
    },
  }
}

function remove(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true })
}
