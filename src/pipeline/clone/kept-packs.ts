import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Keeps the packs that a run fetched for all of its sandboxes. Disposing of it removes them. */
export interface KeptPacks extends AsyncDisposable {
  /**
   * Calls `work` with the directory of a commit, which is fetched first unless it is kept already.
   *
   * @param of.id identifies repository and commit.
   * @param of.fetch fetches into an empty private directory of the host, and returns the number of bytes.
   * @throws the errors of `fetch` and `work`.
   */
  use<T>(
    of: { readonly id: string; readonly fetch: (directory: string) => Promise<number> },
    work: (directory: string) => Promise<T>,
  ): Promise<T>
}

/** Bytes. Larger packs are fetched again each time, so that they do not fill the host's disk during the run. */
const MOST_KEPT_BYTES = 256 * 1024 * 1024

export function createKeptPacks(mostBytes: number = MOST_KEPT_BYTES): KeptPacks {
  /** Directories by id; undefined for packs that are too large to keep. */
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
