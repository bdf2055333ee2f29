-- Pictures that people upload, and files that nothing refers to any more.

-- The row comes before the files and goes before them: `stored_at` is null while they are being written. A picture lies at
-- public/uploads/<key>.webp, its thumbnail at public/uploads/<key>-small.webp.
create table uploads (
    key        text primary key check (key ~ '^[0-9a-f]{32}$'),
    owner_id   bigint references users,                   -- null: the person was erased
    width      integer not null check (width > 0),
    height     integer not null check (height > 0),
    size_bytes integer not null check (size_bytes > 0),
    created_at timestamptz not null,
    stored_at  timestamptz
);
create index uploads_by_owner on uploads (owner_id, created_at desc) where owner_id is not null;
create index uploads_by_date on uploads (created_at, key);

-- Written in the transaction that deletes what referred to them; a job deletes the files, and then the row.
create table discarded_files (
    location     text primary key,
    discarded_at timestamptz not null
);

-- Whoever writes an upload's location refers to it, whether it thinks of that or not: what does not exist cannot be shown,
-- and what is shown cannot be deleted.
alter table product_images
    add column upload text generated always as
        (substring(location from '^public/uploads/([0-9a-f]{32})(?:-small)?\.webp$')) stored,
    add constraint product_images_upload_fkey foreign key (upload) references uploads;
create index product_images_by_upload on product_images (upload) where upload is not null;

alter table products
    add column thumbnail_upload text generated always as
        (substring(thumbnail from '^public/uploads/([0-9a-f]{32})(?:-small)?\.webp$')) stored,
    add constraint products_thumbnail_upload_fkey foreign key (thumbnail_upload) references uploads;
create index products_by_thumbnail_upload on products (thumbnail_upload) where thumbnail_upload is not null;
