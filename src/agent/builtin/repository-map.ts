import { posix } from 'node:path'

const MAX_CHARACTERS = 3000
const LIST_ALL = 60

/**
 * The shape of a repository in at most 3,000 characters: every path when there are few files, otherwise counts of files by
 * directory and type.
 */
export function repositoryMap(files: readonly string[], fileCount: number): string {
  if (fileCount === 0) return 'No files yet.'
  const list = files.join('\n')
  if (files.length === fileCount && files.length <= LIST_ALL && list.length < MAX_CHARACTERS) return list
  const sections = [
    `${fileCount} tracked files.`,
    `Types: ${join(tally(files, extension).slice(0, 12))}`,
    `At the root: ${files
      .filter((file) => !file.includes('/'))
      .slice(0, 60)
      .join(' ')}`,
    `Directories: ${join(
      tally(files, topDirectory)
        .filter(([name]) => name !== '')
        .slice(0, 40),
    )}`,
    `Below them: ${join(
      tally(files, secondDirectory)
        .filter(([name]) => name !== '')
        .slice(0, 60),
    )}`,
  ]
  const map = sections.join('\n')
  return map.length <= MAX_CHARACTERS ? map : `${map.slice(0, MAX_CHARACTERS - 2)} …`
}

type Tally = readonly [name: string, count: number]

function tally(files: readonly string[], key: (file: string) => string): Tally[] {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(key(file), (counts.get(key(file)) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

function join(tallies: readonly Tally[]): string {
  return tallies.map(([name, count]) => `${name} ${count}`).join(', ')
}

function extension(file: string): string {
  return posix.extname(file) || '(none)'
}

function topDirectory(file: string): string {
  const [top, ...rest] = file.split('/')
  return top && rest.length > 0 ? `${top}/` : ''
}

function secondDirectory(file: string): string {
  const [top, second, ...rest] = file.split('/')
  return top && second && rest.length > 0 ? `${top}/${second}/` : ''
}
