# Become a process of a dyno: root's last deeds, in mount and process namespaces of its own, which end with it.
#
#     unshare --mount --pid --fork --mount-proc sh enter.sh SLUG PLACE ro|rw PYTHON TMP ro|rw DATABASE COMMAND…
#
# The slug is at PLACE, read-only (rw: while it is built); /tmp is fresh; the database, which is a server elsewhere, is
# the only other thing that can be written. The user is `nobody`, who has no rights anywhere. Who kills `unshare` kills all.
set -eu
slug=$1 place=$2 mode=$3 python=$4 tmp=$5 tmp_mode=$6 database=$7
shift 7
mount --bind "$slug" "$place"
mount -o "remount,bind,$mode" "$place"
mount --bind "$python" /opt
mount --bind "$database" /media
mount --bind "$tmp" /tmp
mount -o "remount,bind,$tmp_mode" /tmp
mount -o remount,bind,ro /
cd "$place"
exec setpriv --pdeathsig=KILL --reuid=65534 --regid=65534 --clear-groups --no-new-privs env -i "$@"
