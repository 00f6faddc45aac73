const field = document.querySelector('#find-role');
const frame = () => new Promise(requestAnimationFrame);
const task = () =>
  new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = go;
    port2.postMessage(null);
  });
const type = (text) => {
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
};
const measure = async (text) => {
  await frame();
  await task();
  const start = performance.now();
  if (text !== null) type(text);
  await task();
  const own = performance.now() - start;
  await frame();
  await frame();
  return { own, frames: performance.now() - start };
};
(async () => {
  const times = { nothing: [], own: [], frames: [] };
  for (const letter of 'etaoinsrhldcumfpgwyb') {
    times.nothing.push((await measure(null)).frames);
    const { own, frames } = await measure(letter);
    times.own.push(own);
    times.frames.push(frames);
  }
  // No role is called so: what is still in the list now was not filtered.
  await measure('qqqqqq');
  done(times);
})().catch((error) => done(String(error)));
