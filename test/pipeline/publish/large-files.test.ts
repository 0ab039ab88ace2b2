import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const pointerOf = (text: string) => {
  const oid = createHash('sha256').update(text).digest('hex')
  return {
    oid,
    pointer: `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${Buffer.byteLength(text)}\n`,
  }
}

test('a file of Git LFS is published as a pointer, with its object; one that cannot be stored is left out, and the rest is not', async () => {
  const { github, run } = await startPipeline()
  const kept = pointerOf('kept').pointer
  await createApi(github, {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'kept.bin': kept,
  })
  const made = pointerOf('content\n')
  await run({}, "printf 'content\\n' > new.bin; : > empty.bin; mv kept.bin moved.bin; echo hi > README.md")
  const [pull] = github.pullRequests('acme/api')
  const at = (path: string) => github.fileAt('acme/api', pull?.head ?? '', path)
  expect(await Promise.all(['new.bin', 'empty.bin', 'moved.bin', 'README.md'].map(at))).toEqual([
    made.pointer,
    '',
    kept,
    'hi\n',
  ])
  expect(pull?.draft).toBe(false)
  expect(await github.largeObject('acme/api', made.oid)).toBe('content\n')

  github.fail({ path: /\/info\/lfs\//, status: 403, times: 1 })
  const other = pointerOf('other\n')
  const { end } = await run({}, "printf 'other\\n' > other.bin; echo ho > README.md")
  expect(end).toMatchObject({ type: 'run.succeeded', draft: true })
  const second = github.pullRequests('acme/api').at(-1)
  expect(await github.fileAt('acme/api', second?.head ?? '', 'other.bin')).toBeUndefined()
  expect(await github.fileAt('acme/api', second?.head ?? '', 'README.md')).toBe('ho\n')
  expect(second?.body).toContain(
    '`other.bin` belongs in Git LFS, and could not be stored: this credential may not',
  )
  expect(await github.largeObject('acme/api', other.oid)).toBeUndefined()
})
