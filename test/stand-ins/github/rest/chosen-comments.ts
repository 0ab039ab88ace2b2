import type { ApiContext } from './api-context.ts'

/** Comments of a repository as `since` (when they were last changed), `sort` and `direction` ask for them. */
export function chosenComments<
  T extends { readonly id: number; readonly createdAt: number; readonly updatedAt: number },
>(c: ApiContext, comments: readonly T[]): readonly T[] {
  const since = Date.parse(c.req.query('since') ?? '') || 0
  const direction = c.req.query('direction') === 'desc' ? -1 : 1
  const byUpdate = c.req.query('sort') === 'updated'
  return comments
    .filter((comment) => comment.updatedAt >= since)
    .sort(
      (a, b) =>
        direction * ((byUpdate ? a.updatedAt - b.updatedAt : a.createdAt - b.createdAt) || a.id - b.id),
    )
}
