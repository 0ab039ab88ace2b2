import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { ASSETS, type AssetName, assetBytes, assetUrl } from './pages/layout.ts'
import type { WebEnv } from './web-env.ts'

/** `GET /assets/:version/:name`: the styles and the script of the pages. They hold nothing to protect. */
export function answerAsset(c: Context<WebEnv>): Response {
  const name = c.req.param('name')
  if (!isAsset(name)) throw new BackspaceError('not_found', 'There is no such file.')
  const current = c.req.path === assetUrl(name)
  return c.body(assetBytes(name), 200, {
    'Content-Type': ASSETS[name],
    'Cache-Control': current ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
}

function isAsset(name: string | undefined): name is AssetName {
  return name !== undefined && Object.hasOwn(ASSETS, name)
}
