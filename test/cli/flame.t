# Flame graphs of any profile: SVG, text, and the change between two.
$ printf 'sh;main;work 60\nsh;main;wait 20\nsh;main;log;write_[k] 20\n' >a.txt
$ printf 'sh;main;work 60\nsh;main;wait 20\nsh;main;cache 20\n' >b.txt

$ hone flame a.txt --text --width 60
┌──────────────────────────────────────────────────────────┐
│                  all > sh > main (100%)                  │
├──────────────────────────────────┬───────────┬───────────┤
│            work (60%)            │ write_[k] │   wait    │
└──────────────────────────────────┴───────────┴───────────┘

# Lines of collapsed stacks in the order of time.
$ hone flame a.txt --text --width 60 --flamechart | tail -n 2
│            work (60%)            │   wait    │ write_[k] │
└──────────────────────────────────┴───────────┴───────────┘

$ hone flame a.txt --text=bars --width 60 --reverse
work > main > sh █████████ 60.0 %

wait > main > sh ███ 20.0 %

write_[k] > log > main > sh ███ 20.0 %

$ hone flame a.txt --title 'a < b' --subtitle s --notes n --colors java --bgcolors '#ffeedd' --fonttype Verdana --fontsize 11 --height 15 --countname ns --nametype Function: --minwidth 0.5 --total 200 --factor 2 --inverted -o a.svg
$ python3 -c 'import xml.dom.minidom as x; x.parse("a.svg")'; grep -c '<title>work' a.svg; grep -A1 '<title>work' a.svg | tail -n 1 | cut -c 1-18
1
120 ns, 30.0 % (it

# The colours of one graph for the next.
$ hone flame a.txt --colors hot --random --cp >one.svg; hone flame a.txt --colors blue --cp >two.svg; cmp one.svg two.svg; grep -c -- '->rgb' palette.map
7
$ echo nonsense >palette.map; hone flame a.txt --cp
hone: palette.map:1: expected 'name->rgb(1,2,3)'
[2]

# Two profiles: what came, and below it what is gone.
$ hone flame a.txt b.txt -o change.svg; python3 -c 'import xml.dom.minidom as x; x.parse("change.svg")'; grep -oE '<title>(cache|log)' change.svg
<title>cache
<title>log
$ hone flame a.txt b.txt --widths after | grep -oE '<title>(cache|log)'
<title>cache
$ paste -d ' ' a.txt b.txt | sed 's/ sh;[^ ]*//' >sides.txt; cat sides.txt; hone flame sides.txt --widths after | grep -c 'rgb(255,255,255)'
sh;main;work 60 60
sh;main;wait 20 20
sh;main;log;write_[k] 20 20
7

$ hone flame a.txt b.txt --text
hone: two profiles are drawn as SVG only
[2]
$ hone flame a.txt --colors jva
hone: --colors jva: there is no such palette
  hint: did you mean 'java'?
[2]
$ hone flame a.txt --minwidth wide
hone: --minwidth wide: not a width
  hint: pixels (0.1) or a share of the whole (0.5%)
[2]
$ hone flame a.txt --bgcolors plaid
hone: --bgcolors plaid: not yellow, blue, green, grey or #rrggbb
[2]
$ printf 'a1 1 cycles: \n\t1 f (/x)\n\n' | hone flame - --flamechart | grep -o '<title>f'
<title>f
$ hone flame nothing.txt
hone: 'nothing.txt' is no file, and no stored run
  hint: hone runs lists the runs
[2]
