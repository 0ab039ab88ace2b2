import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export const ASSETS = {
  'base.css': 'text/css; charset=utf-8',
  'runs.css': 'text/css; charset=utf-8',
  'run.css': 'text/css; charset=utf-8',
  'activity.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml; charset=utf-8',
} as const satisfies Record<string, string>

export type AssetName = keyof typeof ASSETS

/** Address of a file of the pages. It changes with the content, so browsers may keep what they have for ever. */
export function assetUrl(name: AssetName): string {
  return `/assets/${VERSIONS[name]}/${name}`
}

export function assetBytes(name: AssetName): Uint8Array<ArrayBuffer> {
  return BYTES[name]
}

const BYTES = fromNames((name) => new Uint8Array(readFileSync(new URL(name, import.meta.url))))
const VERSIONS = fromNames((name) => createHash('sha256').update(BYTES[name]).digest('hex').slice(0, 12))

function fromNames<Value>(make: (name: AssetName) => Value): Readonly<Record<AssetName, Value>> {
  return {
    'base.css': make('base.css'),
    'runs.css': make('runs.css'),
    'run.css': make('run.css'),
    'activity.css': make('activity.css'),
    'live.js': make('live.js'),
    'icon.svg': make('icon.svg'),
  }
}
