// What is wrong with the page as it is drawn: run inside the browser, returns sentences.
() => {
  const faults = [];
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}"> ${JSON.stringify(element.textContent.trim().slice(0, 40))}`;

  const screen = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > screen)
    faults.push(`The page is ${document.documentElement.scrollWidth} wide, the screen ${screen}.`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.right > screen + 0.5 || box.left < -0.5))
      faults.push(`Beyond the screen (${box.left} to ${box.right} of ${screen}): ${name(element)}`);
  }

  const read = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(read(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, { rgb, alpha }) => under.map((value, i) => rgb[i] * alpha + value * (1 - alpha)), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim()) continue;
    const [one, other] = [light(read(getComputedStyle(element).color).rgb), light(ground(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) faults.push(`Contrast ${contrast.toFixed(2)}: ${name(element)}`);
  }
  if (matchMedia("(prefers-color-scheme: dark)").matches && document.querySelector("style") && light(ground(document.body)) > 0.2)
    faults.push("The page is light although the reader likes it dark.");

  for (const link of document.querySelectorAll("a")) {
    const box = link.getBoundingClientRect();
    if (box.height < 40 || box.width < 20) faults.push(`Hard to tap (${box.width} x ${box.height}): ${name(link)}`);
  }
  for (const picture of document.images)
    if (!picture.complete || picture.naturalWidth === 0) faults.push(`Not loaded: ${picture.src.slice(0, 60)}`);
  return faults;
}
