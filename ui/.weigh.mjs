import { build, loadConfigFromFile } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { gzipSync } from 'node:zlib';
const opts = JSON.parse(process.argv[2] ?? '{}');
const short = process.argv.includes('name') ? { cssHash: ({name}) => name } : {};
const out = await build({ root: process.cwd(), logLevel: 'error', base:'./',  
  build:{ target:['es2022','safari16'], write:false, assetsInlineLimit:0, modulePreload:{polyfill:false} } });
let sum=0;
for (const o of out.output) { const b=Buffer.from(o.code ?? o.source); const g=gzipSync(b).length; sum+=g; console.log(o.fileName,b.length,g);
 if (process.argv.includes('mods') && o.modules) { const m=Object.entries(o.modules).map(([k,v])=>[v.code?gzipSync(Buffer.from(v.code)).length:0,v.renderedLength,k.replace(/.*\/(node_modules|ui)\//,'$1/')]).sort((a,b)=>b[0]-a[0]); console.log(m.slice(0,70).map(x=>x.join(' ')).join('\n')); } }
console.log('sum',sum);
