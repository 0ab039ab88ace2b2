import { createHash } from 'node:crypto'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { Attempt } from '../attempt.ts'

/** Stores parts of a verification, so that a later attempt need not repeat them. */
export interface KeptParts {
  /**
   * Returns a stored part of the verification of exactly these files, or calls `find` and stores its result.
   *
   * @param key identifies the files; see `changeKey`.
   * @param name `head`, `regression` … A part is JSON, and only the caller with this name reads and writes it.
   */
  once<T>(key: string, name: string, find: () => Promise<T>): Promise<T>
}

export function createKeptParts(
  effects: Pick<EffectStore, 'keep' | 'result'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
): KeptParts {
  return {
    async once<T>(key: string, part: string, find: () => Promise<T>): Promise<T> {
      const name = `verify:${key}:${part}`
      const kept = run.attempt > 1 ? await effects.result({ runId: run.id, name }) : undefined
      // The only writer of this name is the line below.
      if (kept !== undefined) return kept as T
      const result = await find()
      await effects.keep({ runId: run.id, attempt: number, name, result })
      return result
    },
  }
}

/** A key that is equal for equal files on the same base commit. Unlike a tree id, it is known before the tree is computed. */
export function changeKey(baseSha: string, files: readonly VerifiedFile[]): string {
  const ids = files.map(({ path, previousPath = '', mode, sha }) => [path, previousPath, mode, sha])
  return createHash('sha256')
    .update(JSON.stringify([baseSha, ids]))
    .digest('hex')
    .slice(0, 40)
}
