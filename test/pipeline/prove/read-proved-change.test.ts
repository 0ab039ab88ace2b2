import { expect, test } from 'vitest'
import type { RepositoryAccess } from '../../../src/github/github-access.ts'
import type { PullRequest } from '../../../src/github/pull-requests.ts'
import { readProvedChange } from '../../../src/pipeline/prove/read-proved-change.ts'

const sha = (digit: number | string) => String(digit).padStart(40, '0')

/** A pull request that adds files of nearly 10 MiB; its contents are not to be had. */
function largePullRequest(files: number) {
  const tree = (sizes: readonly number[]) => {
    const entries = sizes.map((size, at) => {
      return { type: 'blob', path: `large-${at}.bin`, mode: '100644', sha: sha(1000 + at), size }
    })
    return { data: new Response(JSON.stringify({ tree: entries, truncated: false })).body }
  }
  const read: string[] = []
  const rest = {
    repos: { compareCommitsWithBasehead: async () => ({ data: { merge_base_commit: { sha: sha(1) } } }) },
    git: {
      getCommit: async ({ commit_sha }: { readonly commit_sha: string }) => {
        return { data: { sha: commit_sha, tree: { sha: commit_sha }, message: '', parents: [] } }
      },
      getTree: async ({ tree_sha }: { readonly tree_sha: string }) =>
        tree(tree_sha === sha(1) ? [] : Array(files).fill(10_000_000)),
      getBlob: async ({ file_sha }: { readonly file_sha: string }) => {
        read.push(file_sha)
        throw new Error('it was read')
      },
    },
  }
  const access = { octokit: { rest }, repository: { owner: 'acme', name: 'api', id: 1 } }
  const pull = { number: 1, head: { sha: sha(2) }, base: { sha: sha(1), ref: 'main' } }
  const options = { signal: new AbortController().signal, compareInThread: undefined }
  const reading = readProvedChange(access as unknown as RepositoryAccess, pull as PullRequest, options)
  return { reading, read }
}

test('S12: a pull request of anyone that holds more than 64 MiB is refused before a byte of it is read', async () => {
  const { reading, read } = largePullRequest(300)
  await expect(reading).rejects.toMatchObject({ code: 'change_too_large' })
  expect(read).toEqual([])
  const small = largePullRequest(2)
  await expect(small.reading).rejects.toThrow()
  expect(small.read.length).toBeGreaterThan(0)
})
