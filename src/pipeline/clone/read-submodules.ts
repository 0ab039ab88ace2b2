import type { RepoRef } from '../../github/repo-ref.ts'
import { readGitConfig } from '../../text/git-config.ts'

/** A submodule: a commit of another repository in a folder of this one. */
export interface Submodule {
  /** Path of its folder. */
  readonly path: string
  readonly sha: string
  /** Undefined if the submodule is not on the same GitHub, or if `.gitmodules` has no address for it. */
  readonly repository: RepoRef | undefined
}

interface Place {
  /** The repository that has the submodules; an address such as `../lib` is relative to it. */
  readonly repository: RepoRef
  /** `https://github.com`, or the address of the GitHub Enterprise Server. */
  readonly webUrl: string
}

/** Reads the output of `LIST_SUBMODULES`. Only the names of owner and repository are taken from an address. */
export function readSubmodules(given: Uint8Array, place: Place): readonly Submodule[] {
  const [text = '', ...entries] = Buffer.from(given).toString('utf8').split('\0')
  const urls = new Map<string, string>()
  const paths = new Map<string, string>()
  for (const { name, of, value } of readGitConfig(text)) {
    if (name === 'submodule.path') paths.set(value, of)
    if (name === 'submodule.url') urls.set(of, value)
  }
  return entries.flatMap((entry) => {
    const [, sha, path] = /^160000 ([0-9a-f]{40}) 0\t([\s\S]+)$/.exec(entry) ?? []
    if (sha === undefined || path === undefined) return []
    return [{ path, sha, repository: repositoryAt(urls.get(paths.get(path) ?? '') ?? '', place) }]
  })
}

/** Host and path of `https://…`, `git://…`, `ssh://git@…` or `git@github.com:…`. */
const ADDRESS = /^(?:(?:https?|git|ssh):\/\/(?:[\w.-]+@)?|[\w.-]+@)([\w.-]+(?::\d+(?=\/))?)[/:](.+)$/i
const REPOSITORY = /^\/?([\w-][\w.-]{0,99})\/([\w.-]{1,100}?)(?:\.git)?\/?$/

function repositoryAt(url: string, { repository, webUrl }: Place): RepoRef | undefined {
  const path = /^\.{1,2}\//.test(url) ? besides(repository, url) : pathOn(webUrl, url)
  const [, owner, name] = REPOSITORY.exec(path) ?? []
  return owner === undefined || name === undefined || /^\.+$/.test(name) ? undefined : { owner, name }
}

function besides({ owner, name }: RepoRef, url: string): string {
  const parts = [owner, name]
  for (const part of url.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** The path in an address; empty if the address is on another host. */
function pathOn(webUrl: string, url: string): string {
  const [, host = '', path = ''] = ADDRESS.exec(url) ?? []
  return host.toLowerCase() === new URL(webUrl).host ? path : ''
}
