import type { ChangedFile } from '../changes/change-list.ts'
import { protectionOf } from '../gate/path-protection.ts'
import { showPath } from '../gate/show-path.ts'

const MOST_FILES = 60

/** The published files for a reviewer; protected ones first and under their own heading. */
export function filesList(files: readonly ChangedFile[]): string {
  const isProtected = (file: ChangedFile) =>
    [file.path, file.previousPath ?? ''].some((path) => protectionOf(path) === 'protected')
  const first = files.filter(isProtected)
  const others = files.filter((file) => !isProtected(file))
  if (first.length === 0) return section(others)
  const parts = [`**Look at these first: they steer people, agents or CI**\n\n${section(first)}`]
  return others.length === 0
    ? parts.join('')
    : [...parts, `**Other files**\n\n${section(others)}`].join('\n\n')
}

function section(files: readonly ChangedFile[]): string {
  const lines = files.slice(0, MOST_FILES).map((file) => `- ${describe(file)}`)
  const more = files.length - lines.length
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

function describe(file: ChangedFile): string {
  const { path, previousPath, status, additions, deletions, binary, mode } = file
  const name = previousPath === undefined ? showPath(path) : `${showPath(previousPath)} → ${showPath(path)}`
  const facts = [
    ...(status === 'modified' ? [] : [status]),
    ...(binary ? ['binary'] : [`+${additions} −${deletions}`]),
    ...(mode === '100755' && status === 'added' ? ['executable'] : []),
  ]
  return `${name} (${facts.join(', ')})`
}
