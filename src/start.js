// JavaScript on purpose: for a first file in TypeScript node loads its compiler (18 MB) at each start, although all
// others come out of the cache.
import './compile-cache.js'

await import('./main.ts')
