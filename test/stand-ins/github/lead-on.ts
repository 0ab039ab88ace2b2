import type { IncomingMessage, ServerResponse } from 'node:http'
import { findRepository, fullName, type World } from './world.ts'

const API = '/api/v3'

/**
 * What GitHub does about a repository that was renamed or transferred: its old name leads to its address by number,
 * under which it answers as under its name; and an issue that was transferred leads to where it is. All before anything else
 * sees the request.
 *
 * @returns true when the request is answered.
 */
export function leadOn(world: World, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const { url = '/', method = 'GET' } = incoming
  const byNumber = /^\/api\/v3\/repositories\/(\d+)(.*)$/.exec(url)
  const numbered = byNumber && world.repositories.get(Number(byNumber[1]))
  if (byNumber && numbered) incoming.url = `${API}/repos/${fullName(numbered)}${byNumber[2]}`
  const target = newPlaceOfIssue(world, incoming.url ?? '/') ?? (numbered ? undefined : newPlace(world, url))
  if (target === undefined) return false
  // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
  outgoing.writeHead(method === 'GET' ? 301 : 307, {
    location: `${world.url}${target}`,
    'content-type': 'application/json; charset=utf-8',
  })
  outgoing.end(JSON.stringify({ message: 'Moved Permanently', url: `${world.url}${target}` }))
  incoming.resume()
  return true
}

function newPlaceOfIssue(world: World, url: string): string | undefined {
  const [, owner = '', name = '', number, rest = ''] =
    /^\/api\/v3\/repos\/([^/?]+)\/([^/?]+)\/issues\/(\d+)((?:[/?].*)?)$/.exec(url) ?? []
  const repository = findRepository(world, owner, name)
  const moved = repository && world.transferred.get(`${repository.id}/${number}`)
  return moved && `${API}/repositories/${moved.repository.id}/issues/${moved.number}${rest}`
}

function newPlace(world: World, url: string): string | undefined {
  const api = url.startsWith(`${API}/repos/`)
  const [, owner = '', name = '', rest = ''] =
    (api
      ? /^\/api\/v3\/repos\/([^/?]+)\/([^/?]+)(.*)$/
      : /^\/([^/?]+)\/([^/?]+?)(?:\.git)?((?:[/?].*)?)$/
    ).exec(url) ?? []
  const id = world.moved.get(`${owner}/${name}`.toLowerCase())
  const repository = id === undefined ? undefined : world.repositories.get(id)
  // A name that was given away again belongs to its new owner.
  if (!repository || findRepository(world, owner, name)) return undefined
  return api ? `${API}/repositories/${repository.id}${rest}` : `/${fullName(repository)}.git${rest}`
}
