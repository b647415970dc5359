/* One flame graph: zoom by click, search with the share that matched, details, keyboard.
   The script stands inside its own svg, so several graphs can share a page without names. */
(function () {
  "use strict";
  var svg = document.currentScript.closest("svg");
  var root = svg.querySelector(".hone-frames");
  var details = svg.querySelector(".hone-details");
  var matched = svg.querySelector(".hone-matched");
  var reset = svg.querySelector(".hone-reset");
  var input = svg.querySelector("input");
  var width = Number(root.getAttribute("data-width"));
  var margin = Number(root.getAttribute("data-margin"));
  var LETTER = Number(root.getAttribute("data-letter")), ROW = Number(root.getAttribute("data-row"));
  var type = root.getAttribute("data-type"), GAP = 0.4, zoomed = 0, cursor = -1, idle = details.textContent;

  /* Frames are in breadth-first order: a parent stands before its children. */
  var frames = Array.prototype.map.call(root.children, function (g, i) {
    var rect = g.querySelector("rect"), text = g.querySelector("title").textContent;
    return {
      g: g, rect: rect, index: i, words: text, name: text.split("\n")[0],
      sought: text.split("\n").slice(0, -1).join("\n"),
      parent: Number(g.getAttribute("data-p")), children: [],
      x: (Number(rect.getAttribute("x")) - margin) / width,
      w: (Number(rect.getAttribute("width")) + GAP) / width,
      y: Number(rect.getAttribute("y")), hit: false
    };
  });
  frames.forEach(function (f, i) { if (i) frames[f.parent].children.push(i); });

  function label(frame, pixels) {
    var text = frame.g.querySelector("text"), room = Math.floor((pixels - 6) / LETTER);
    var letters = Array.from(frame.name);
    if (room < 3) {
      if (text) text.textContent = "";
      return;
    }
    if (!text) {
      text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      text.setAttribute("y", frame.y + ROW - 5);
      frame.g.appendChild(text);
    }
    text.setAttribute("x", Number(frame.rect.getAttribute("x")) + 3);
    text.textContent = letters.length <= room ? frame.name
      : letters.slice(0, room - 1).join("") + "\u2026";
  }

  function place(frame, x, w) {
    var pixels = Math.max(w * width - GAP, 0.2);
    frame.rect.setAttribute("x", (margin + x * width).toFixed(2));
    frame.rect.setAttribute("width", pixels.toFixed(2));
    label(frame, pixels);
  }

  function zoom(index) {
    var to = frames[index], above = {}, inside = [], i;
    for (i = index; i !== 0; i = frames[i].parent) above[frames[i].parent] = true;
    zoomed = index;
    frames.forEach(function (f, n) {
      inside[n] = n === index || (n > 0 && inside[f.parent]);
      f.g.classList.toggle("hide", !inside[n] && !above[n]);
      f.g.classList.toggle("above", !!above[n]);
      if (above[n]) place(f, 0, 1);
      else if (inside[n]) place(f, (f.x - to.x) / to.w, f.w / to.w);
    });
    reset.classList.toggle("hide", index === 0);
  }

  function search(words) {
    var test = null, covered = [], share = 0;
    if (words) {
      try {
        test = new RegExp(words, "i");
      } catch (e) {
        test = { test: function (s) { return s.toLowerCase().indexOf(words.toLowerCase()) >= 0; } };
      }
    }
    frames.forEach(function (f, n) {
      f.hit = !!test && n > 0 && test.test(f.sought);
      covered[n] = f.hit || (n > 0 && covered[f.parent]);
      if (f.hit && !covered[f.parent]) share += f.w;
      f.g.classList.toggle("match", f.hit);
    });
    matched.textContent = test ? "matched " + (share / frames[0].w * 100).toFixed(2) + " %" : "";
  }

  function show(frame) {
    details.textContent = frame ? (type ? type + " " : "") + frame.words.replace(/\n/g, "  \u00b7  ") : idle;
  }

  function select(index) {
    if (cursor >= 0) frames[cursor].g.classList.remove("cursor");
    cursor = index;
    if (index >= 0) frames[index].g.classList.add("cursor");
    show(index >= 0 ? frames[index] : null);
  }

  function sibling(step) {
    var row = cursor > 0 ? frames[frames[cursor].parent].children : [0];
    return row[row.indexOf(Math.max(cursor, 0)) + step];
  }

  var towardsLeaf = root.getAttribute("data-icicle") ? "ArrowDown" : "ArrowUp";
  function move(key) {
    var at = cursor < 0 ? zoomed : cursor, to;
    if (cursor < 0) to = zoomed;
    else if (key === "ArrowLeft") to = sibling(-1);
    else if (key === "ArrowRight") to = sibling(1);
    else if (key === towardsLeaf) to = frames[at].children[0];
    else to = frames[at].parent;
    if (to !== undefined && !frames[to].g.classList.contains("hide")) select(to);
  }

  function frameOf(event) {
    var g = event.target.closest ? event.target.closest(".hone-frame") : null;
    return g && root.contains(g) ? frames[Array.prototype.indexOf.call(root.children, g)] : null;
  }

  root.addEventListener("click", function (e) {
    var f = frameOf(e);
    if (f) zoom(f.index);
  });
  root.addEventListener("mouseover", function (e) { show(frameOf(e)); });
  root.addEventListener("mouseleave", function () { show(cursor >= 0 ? frames[cursor] : null); });
  reset.addEventListener("click", function () { zoom(0); });
  input.addEventListener("input", function () { search(input.value); });

  function key(e) {
    var find = e.key === "/" || ((e.ctrlKey || e.metaKey) && e.key === "f");
    if (e.target === input) {
      if (e.key === "Escape") {
        input.value = "";
        search("");
        svg.focus();
      }
      return;
    }
    if (find) input.focus();
    else if (e.key.indexOf("Arrow") === 0) move(e.key);
    else if (e.key === "Enter" && cursor >= 0) zoom(cursor);
    else if (e.key === "Escape") {
      zoom(0);
      select(-1);
    } else return;
    e.preventDefault();
  }
  (document.documentElement === svg ? document : svg).addEventListener("keydown", key);
  svg.querySelector(".hone-search").classList.remove("hide");
}());
